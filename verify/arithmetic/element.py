"""Field elements with operators, so that formulas of the function table run on residues."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verify.arithmetic import modular
from verify.arithmetic.modular import PRIME, Residues


class Element:
    """An array of residues; ``/`` by zero gives 0 and marks the trial in ``spoiled``."""

    __slots__ = ("spoiled", "value")
    __array_ufunc__ = None  # NumPy arrays leave mixed operations to this class.

    def __init__(self, value: Residues, spoiled: np.ndarray) -> None:
        self.value, self.spoiled = value, spoiled

    def __add__(self, other: Any) -> Element:
        return Element((self.value + _raw(other)) % PRIME, self.spoiled)

    def __sub__(self, other: Any) -> Element:
        return Element((self.value + (PRIME - _raw(other))) % PRIME, self.spoiled)

    def __mul__(self, other: Any) -> Element:
        return Element(self.value * _raw(other) % PRIME, self.spoiled)

    def __neg__(self) -> Element:
        return Element((PRIME - self.value) % PRIME, self.spoiled)

    def __rsub__(self, other: Any) -> Element:
        return -self + other

    def __truediv__(self, other: Any) -> Element:
        if isinstance(other, int | Fraction):
            return self * (1 / Fraction(other))
        return self * Element(invert(other.value, self.spoiled), self.spoiled)

    def __rtruediv__(self, other: Any) -> Element:
        return Element(invert(self.value, self.spoiled), self.spoiled) * other

    def __pow__(self, exponent: int) -> Element:
        if exponent < 0:
            return 1 / self**-exponent
        if exponent == 2:
            return self * self
        return Element(modular.power(self.value, exponent), self.spoiled)

    __radd__ = __add__
    __rmul__ = __mul__


def invert(value: Residues, spoiled: np.ndarray) -> Residues:
    """1/value, with the trials marked in which a zero stands somewhere."""
    mark(value == 0, spoiled)
    return modular.inverse(value)


def mark(where: np.ndarray, marks: np.ndarray) -> None:
    """Mark each trial (axis −3, where there is one) in which any entry is true."""
    if not where.any():
        return
    if where.ndim < 3 or where.shape[-3] == 1:
        marks[...] = True
        return
    axes = tuple(k for k in range(where.ndim) if k != where.ndim - 3)
    marks |= where.any(axis=axes)


def _raw(value: Any) -> Any:
    if isinstance(value, Element):
        return value.value
    fraction = Fraction(value)
    return modular.residue(fraction.numerator, fraction.denominator)
