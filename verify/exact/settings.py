"""Number systems with values to start from: residues to judge, floats to arbitrate, degrees."""

from __future__ import annotations

from typing import Any

import numpy as np

from derivations.cell import Cell
from verify.arithmetic.arbitrary import generator
from verify.arithmetic.base import Array
from verify.arithmetic.degree import DRAWN, Degree, DegreeArithmetic
from verify.arithmetic.field import FieldArithmetic
from verify.arithmetic.modular import PRIME
from verify.arithmetic.numpy import NumpyArithmetic
from verify.arithmetic.real import RealArithmetic
from verify.evaluate import Key
from verify.exact.schedule import Case
from verify.sampling import Sampler


class Arrays:
    """Directions on a new first axis of arrays."""

    alike = False

    def spread(self, position: int, count: int, direction: Array) -> Array:
        """``direction`` at one position of a new first axis."""
        spread = np.zeros((count, *direction.shape), dtype=direction.dtype)
        spread[position] = direction
        return spread

    def take(self, spread: Array, position: int) -> Array:
        """One position of that axis."""
        return spread[position]


class FieldSetting(Arrays):
    """Uniform residues in every trial; vectors that are distributions sum to one."""

    def __init__(
        self, cell: Cell, case: Case, seed: int, trials: int, exponential: bool = False
    ) -> None:
        self.arithmetic = FieldArithmetic(seed, trials, exponential)
        self._distributions, self._zeros = cell.distributions, case.zeros

    def free(self, key: Key, rows: int, cols: int) -> Array:
        value = self.arithmetic.random(("value", key), rows, cols)
        if key[1] in self._distributions:
            value = value.copy()
            others = value.sum(axis=(-2, -1)) - value[..., -1, -1]
            value[..., -1, -1] = (1 + PRIME - others % PRIME) % PRIME
        elif self._zeros and 1 in (rows, cols):
            return np.zeros_like(value)
        return value

    def direction(self, key: Key, rows: int, cols: int) -> Array:
        return self.arithmetic.random(("direction", key), rows, cols)


class FloatSetting(Arrays):
    """Extended precision, or another, at a point drawn in one of the sampler's regimes."""

    def __init__(
        self,
        cell: Cell,
        case: Case,
        seed: int,
        regime: str,
        arithmetic: RealArithmetic | None = None,
    ) -> None:
        self.arithmetic: RealArithmetic = arithmetic or NumpyArithmetic(np.longdouble, seed)
        self.states = cell.defined.keys()
        self._sampler = Sampler(cell, case.sizes, case.ends, seed, regime)
        self._seed = seed

    def free(self, key: Key, rows: int, cols: int) -> Array:
        return self.arithmetic.asarray(self._sampler(key))

    def direction(self, key: Key, rows: int, cols: int) -> Array:
        drawn = generator(self._seed, "direction", *key).standard_normal((rows, cols))
        return self.arithmetic.asarray(drawn)


class DegreeSetting:
    """Every value that is drawn has degree 1, and so has every direction."""

    alike = True

    def __init__(self, exponential: bool = False) -> None:
        self.arithmetic = DegreeArithmetic(exponential)

    def free(self, key: Key, rows: int, cols: int) -> Degree:
        return DRAWN

    direction = free

    def spread(self, position: int, count: int, direction: Any) -> Any:
        return direction

    def take(self, spread: Any, position: int) -> Any:
        return spread
