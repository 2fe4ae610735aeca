"""Floating point on NumPy arrays: float64, longdouble, or complex128 for complex steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr

from derivations.functions import lookup
from verify.arithmetic.base import Array, Number
from verify.arithmetic.jets import evaluate_row, row_of
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.real import RealArithmetic

DIGITS = 25
"""Enough to round any irrational constant correctly to 80-bit floating point."""


class NumpySpace:
    """A row's formulas on NumPy arrays; branches are taken on the real part."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._backend: Any = "complex" if dtype.kind == "c" else "numpy"
        self.pi = self.number("3.14159265358979323846264338327950288")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = row_of(name)
        if self._dtype == np.longdouble and "scipy" in row.numpy:
            # SciPy's special functions stop at float64.
            return wide_erf if name == "erf" else lambda *a: row.value_in(self, *a)
        compiled = row.compiled(self._backend)
        defaults = tuple(self.number(str(default)) for default in row.defaults)
        return lambda *a: compiled(*a, *defaults[max(0, len(a) - row.arity) :])

    def number(self, text: str) -> Any:
        """An exact constant, rounded once."""
        return rounded(Fraction(text), self._dtype)

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """Both branches are computed; the one that holds is taken."""
        place, at = np.real(x), np.real(point)
        chosen = np.where(place > at, above, below)
        return chosen if equal is None else np.where(place == at, equal, chosen)

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where x = point."""
        return np.where(np.real(x) == np.real(point), value, otherwise)


class NumpyArithmetic(RealArithmetic):
    """Floating point of one dtype.

    Args:
        dtype: float64, longdouble or complex128.
        seed: fixes every arbitrary function.
    """

    xp = np

    def __init__(self, dtype: Any = np.float64, seed: int = 0) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.name = self.dtype.name
        self.epsilon = float(np.finfo(self.dtype).eps)
        self.seed = seed
        self._space = NumpySpace(self.dtype)

    def asarray(self, value: Any) -> Array:
        return np.asarray(value, dtype=self.dtype)

    def number(self, value: Number) -> Any:
        return rounded(value, self.dtype)

    def zeros(self, rows: int, cols: int) -> Array:
        return np.zeros((rows, cols), dtype=self.dtype)

    def identity(self, size: int) -> Array:
        return np.eye(size, dtype=self.dtype)

    def wave(self, a: Array, order: int) -> Array:
        value = np.cos(a) if order % 2 else np.sin(a)
        return -value if order % 4 >= 2 else value

    def exp(self, a: Array) -> Array:
        return np.exp(a)

    def log(self, a: Array) -> Array:
        return np.log(a)

    def largest(self, a: Array) -> Array:
        return np.max(np.real(a), axis=(-2, -1), keepdims=True)

    def spectral_norm(self, a: Array) -> Array:
        if self.dtype == np.longdouble:
            # LAPACK stops at double precision.
            many = MultiprecisionArithmetic(DIGITS)
            exact = many.spectral_norm(many.asarray(a))
            return np.vectorize(lambda x: np.longdouble(str(x)), otypes=[self.dtype])(exact)
        return np.linalg.norm(a, 2, axis=(-2, -1), keepdims=True).astype(self.dtype)

    def smallest_singular(self, a: Array) -> Array:
        if self.dtype == np.longdouble:
            many = MultiprecisionArithmetic(DIGITS)
            exact = many.smallest_singular(many.asarray(a))
            return np.vectorize(lambda x: np.longdouble(str(x)), otypes=[self.dtype])(exact)
        return np.linalg.norm(a, -2, axis=(-2, -1), keepdims=True).astype(self.dtype)

    def table(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        row = row_of(function)
        if not any(orders):
            value = getattr(self._space, row.name)(*args)
        else:
            value = evaluate_row(row, self._space, orders, tuple(args))
        if np.shape(value) != np.shape(args[0]):
            value = np.broadcast_to(value, np.broadcast_shapes(*(np.shape(a) for a in args)))
        return np.asarray(value, dtype=self.dtype)

    def in_table(self, function: str) -> bool:
        return lookup(function) is not None


@lru_cache(maxsize=1024)
def rounded(value: Number, dtype: np.dtype[Any]) -> Any:
    """A number rounded once to ``dtype``."""
    if isinstance(value, int):
        return dtype.type(value) if abs(value) < 2**53 else rounded(Fraction(value), dtype)
    if dtype == np.longdouble:
        return np.longdouble(_digits(value))
    return dtype.type(float(value))


def _digits(value: Fraction | Expr) -> str:
    import sympy

    exact = (
        sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value
    )
    return str(sympy.N(exact, DIGITS))


def wide_erf(x: Any) -> Any:
    """erf beyond float64, entry by entry through mpmath."""
    import mpmath

    def one(entry: Any) -> Any:
        with mpmath.workdps(DIGITS):
            high = float(entry)
            exact = mpmath.mpf(high) + mpmath.mpf(float(entry - np.longdouble(high)))
            return np.longdouble(mpmath.nstr(mpmath.erf(exact), DIGITS))

    return np.vectorize(one, otypes=[np.longdouble])(x)
