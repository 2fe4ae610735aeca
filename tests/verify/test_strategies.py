"""Random cells are valid, varied and reproducible; values and sizes are what they say."""

from __future__ import annotations

import math
import subprocess
import sys
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations.cell import Cell
from derivations.functions import FUNCTIONS
from derivations.language import parse_cell
from derivations.typing.compile import compile_cell
from verify.strategies import cells, random_cell, sizes, to_latex, values

MANY = [random_cell(Random(seed)) for seed in range(800)]


@cache
def typed(text: str) -> Cell:
    """A cell from its equations."""
    return compile_cell(parse_cell(text)).cell


@settings(max_examples=30, deadline=None)
@given(cells(), cells(latex=True))
def test_every_cell_compiles(text: str, latex: str) -> None:
    for cell in (text, latex):
        assert typed(cell).definitions


def test_none_of_many_is_refused() -> None:
    for text in MANY[:100]:
        typed(text)


def test_a_seed_fixes_the_cell() -> None:
    assert random_cell(Random(7)) == MANY[7]
    assert len(set(MANY)) == len(MANY)


FEATURES = {
    "softmax": "softmax(", "concat": "concat(", "backward": "[t+1]", "delay 2": "[t-2]",
    "delay 3": "[t-3]", "matrix state": "S_1[t]", "outer product": ".T", "initial value": "[0] =",
    "final value": "[T+1] =", "three states": "h_3", "attention": "exp(tanh(e_",
    "another axis": "[s]", "arbitrary function": "psi(", "arbitrary map": "f_", "slope": "'(",
    "sum over time": "sum(k, 1, t,", "defined function": "phi(u) =", "loss at the end": "[T])",
    "average": "1/T * sum", "known loss": "cross_entropy", "arbitrary loss": "ell_",
}  # fmt: skip


@pytest.mark.parametrize("feature", FEATURES)
def test_many_cells_hold_every_feature(feature: str) -> None:
    assert sum(FEATURES[feature] in text for text in MANY) >= 3


def test_some_cells_leave_the_loss_out() -> None:
    assert any("loss" not in text for text in MANY)


@pytest.mark.parametrize("function", [row.name for row in FUNCTIONS.values()])
def test_many_cells_hold_every_function_of_the_table(function: str) -> None:
    assert any(f"{function}(" in text for text in MANY)


def test_latex_keeps_the_equations() -> None:
    for text in MANY[:40]:
        one, typeset = typed(text), typed(to_latex(text))
        assert len(one.definitions) == len(typeset.definitions)
        assert [d.target.shape for d in one.written] == [d.target.shape for d in typeset.written]


@given(sizes(4, smallest=2))
def test_sizes_differ(found: list[int]) -> None:
    assert len(set(found)) == 4 and min(found) >= 2


@given(values())
def test_values_are_finite(value: float) -> None:
    assert math.isfinite(value)


def test_values_reach_kinks_and_extremes() -> None:
    seen: set[float] = set()

    @settings(max_examples=600, database=None, derandomize=True)
    @given(st.lists(values(), min_size=20, max_size=20))
    def collect(drawn: list[float]) -> None:
        seen.update(drawn)

    collect()
    assert {0.0, -3.0, 3.0, 800.0, 1e6} <= seen


def test_the_generator_needs_no_hypothesis() -> None:
    script = "import sys, verify.strategies; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
