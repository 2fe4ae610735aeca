"""Hypothesis strategies: sizes, values, whole cells."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from derivations.functions import FUNCTIONS
from verify.strategies.latex import to_latex
from verify.strategies.random_cell import random_cell

LARGEST_SIZE = 9

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 50.0, -50.0, 800.0, -800.0, 1e6, -1e6, 1e-8, -1e-8, 1e-300)
"""Zeros, saturation of every squashing function, the edges of exp, huge and tiny."""


def sizes(count: int, smallest: int = 1, distinct: bool = True) -> st.SearchStrategy[list[int]]:
    """``count`` sizes from ``smallest`` to 9 (more if that many must differ).

    Args:
        distinct: whether they are pairwise different, so that no transposition goes unseen.
    """
    largest = max(LARGEST_SIZE, smallest + count)
    return st.lists(st.integers(smallest, largest), min_size=count, max_size=count, unique=distinct)


def _kinks() -> tuple[float, ...]:
    """Every kink in the table of elementwise functions, and its two neighbours."""
    found = {float(kink.at) for row in FUNCTIONS.values() for kink in row.kinks()}
    near = {float(np.nextafter(at, side)) for at in found for side in (-np.inf, np.inf)}
    return tuple(sorted(found | near))


def values() -> st.SearchStrategy[float]:
    """Finite numbers: ordinary ones, kinks of the table and their neighbours, extremes."""
    return st.one_of(
        st.floats(-3.0, 3.0, allow_subnormal=False),
        st.sampled_from(_kinks()),
        st.sampled_from(SPECIAL),
    )


def cells(latex: bool = False) -> st.SearchStrategy[str]:
    """The text of a whole random cell, see :func:`verify.strategies.random_cell`.

    Every cell compiles. Hypothesis makes every choice, so a failing cell shrinks to a smaller one.

    Args:
        latex: the equations in LaTeX, below declarations in plain text.
    """
    text = st.randoms(use_true_random=False).map(random_cell)
    return text.map(to_latex) if latex else text
