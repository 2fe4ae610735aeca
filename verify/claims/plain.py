"""Cells at values that a student can compute with, kept from one claim about a cell to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from derivations.cell import Cell
from derivations.same import Same
from verify.arithmetic.arbitrary import generator
from verify.arithmetic.base import Array
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key
from verify.exact.kept_worlds import KeptWorlds
from verify.exact.schedule import Case
from verify.exact.settings import Arrays
from verify.exact.world import World
from verify.sampling import positive_names

PLAIN = (1.0, -1.0, 0.5, 0.0, 2.0, -0.5, 3.0)
"""Values tried, in the order of preference."""
GENERIC = -1
"""The draw of values at random, none of them plain: where sides agree there, they do as a rule."""
MOST_CELLS = 32
"""Cells whose worlds are kept."""


class PlainSetting(Arrays):
    """Small whole numbers and halves, different ones in each draw; any numbers in one of them."""

    def __init__(self, cell: Cell, draw: int, dtype: Any = np.longdouble) -> None:
        self.arithmetic = NumpyArithmetic(dtype, draw)
        self.drawn: dict[Key, np.ndarray] = {}
        self._cell, self._draw = cell, draw
        self._distributions = cell.distributions
        self._positive = positive_names(cell)

    def free(self, key: Key, rows: int, cols: int) -> Array:
        """The value of what no equation defines."""
        source = generator(self._draw, "plain", *key)
        if key[1] in self._distributions:
            value = np.zeros((rows, cols))
            value.flat[int(source.integers(rows * cols))] = 1.0
        elif key[1] in self._positive:
            value = source.integers(1, 4, (rows, cols)).astype(float)
        elif self._draw == GENERIC:
            value = source.normal(size=(rows, cols))
        else:
            count = min(2 + self._draw, len(PLAIN))
            value = np.asarray(PLAIN)[source.integers(count, size=(rows, cols))]
        self.drawn[key] = value
        return self.arithmetic.asarray(value)

    def direction(self, key: Key, rows: int, cols: int) -> Array:
        """All ones; counterexamples compare whole matrices."""
        return self.arithmetic.asarray(np.ones((rows, cols)))


def plain_world(cell: Cell, case: Case, draw: int) -> World:
    """A cell at plain values; the same world for every claim about this cell object.

    Raises:
        GradproofError: the cell has no values in this case.
    """
    key = (*case.sizes.values(), *case.ends.values(), draw)
    return _worlds(Same(cell)).get(key, lambda: World(cell, case, PlainSetting(cell, draw)))


@lru_cache(maxsize=MOST_CELLS)
def _worlds(cell: Same[Cell]) -> KeptWorlds:
    return KeptWorlds()
