"""Many digits: mpmath numbers in NumPy object arrays, in a precision context of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np

from derivations.functions import lookup
from derivations.functions.spaces import PRIMITIVES
from verify.arithmetic.base import Array, Number
from verify.arithmetic.jets import evaluate_row, row_of
from verify.arithmetic.real import RealArithmetic

DIGITS = 60
LARGEST = 2**14
"""Past this power of two functions have their limits: their digits would fill the memory."""
_LIMITS = {
    "exp": ("0", "inf"), "sinh": ("-inf", "inf"), "cosh": ("inf", "inf"), "sech": ("0", "0"),
    "sin": ("nan", "nan"), "cos": ("nan", "nan"), "tan": ("nan", "nan"),
}  # fmt: skip
"""Limits at −∞ and ∞; nan where there is none."""


@cache
def context(digits: int, rounding: str = "n") -> Any:
    """An mpmath context of its own, so that no global precision or rounding matters."""
    made = mpmath.MPContext()
    made.dps = digits
    made._prec_rounding[1] = rounding
    for name, limits in _LIMITS.items():
        setattr(made, name, _bounded(made, getattr(made, name), *limits))
    return made


def _bounded(mp: Any, function: Callable[[Any], Any], low: str, high: str) -> Callable[[Any], Any]:
    """The function, but its limit where the argument is a tower of exponentials."""
    largest, below, above = mp.ldexp(1, LARGEST), mp.mpf(low), mp.mpf(high)

    def run(x: Any) -> Any:
        if abs(x) > largest:
            return above if x > 0 else below
        return function(x)

    return run


def over_entries(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A scalar function, entry by entry; a scalar in is a scalar out."""
    ufunc: Callable[[Any], Any] = np.frompyfunc(function, 1, 1)
    return ufunc


class MultiprecisionSpace:
    """A row's formulas on object arrays: the primitives are mpmath's, the rest is written out."""

    def __init__(self, mp: Any) -> None:
        self._mp = mp
        self.pi = +mp.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in PRIMITIVES:
            return over_entries(getattr(self._mp, name))
        row = row_of(name)
        return lambda *arguments: row.value_in(self, *arguments)

    def number(self, text: str) -> Any:
        """An exact constant, rounded once."""
        fraction = Fraction(text)
        return self._mp.mpf(fraction.numerator) / fraction.denominator

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """Both branches are computed; the one that holds is taken."""
        chosen = np.where(np.asarray(x > point, dtype=bool), above, below)
        if equal is None:
            return chosen
        return np.where(np.asarray(x == point, dtype=bool), equal, chosen)

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where x = point."""
        return np.where(np.asarray(x == point, dtype=bool), value, otherwise)


class MultiprecisionArithmetic(RealArithmetic):
    """mpmath at ``digits`` decimal digits.

    Args:
        digits: working precision.
        seed: fixes every arbitrary function; the constants are the same doubles as elsewhere.
        rounding: mpmath's letter for where results are rounded to: nearest, ceiling, floor.
    """

    xp = np

    def __init__(self, digits: int = DIGITS, seed: int = 0, rounding: str = "n") -> None:
        self._mp = context(digits, rounding)
        self.name = f"{digits} digits"
        self.epsilon = float(self._mp.mpf(10) ** (1 - digits))
        self.seed = seed
        self._space = MultiprecisionSpace(self._mp)
        self._convert = over_entries(self._one)
        self._exp, self._log = over_entries(self._mp.exp), over_entries(self._mp.log)
        self._sin, self._cos = over_entries(self._mp.sin), over_entries(self._mp.cos)

    def asarray(self, value: Any) -> Array:
        # Infinities and NaN are converted, too, and are there to be seen.
        with np.errstate(all="ignore"):
            return np.asarray(self._convert(np.asarray(value)), dtype=object)

    def number(self, value: Number) -> Any:
        if isinstance(value, int):
            return self._mp.mpf(value)
        if isinstance(value, Fraction):
            return self._mp.mpf(value.numerator) / value.denominator
        return self._mp.mpf(str(value.evalf(self._mp.dps + 5)))

    def wave(self, a: Array, order: int) -> Array:
        value = (self._cos if order % 2 else self._sin)(a)
        return -value if order % 4 >= 2 else value

    def exp(self, a: Array) -> Array:
        return self._exp(a)

    def log(self, a: Array) -> Array:
        return self._log(a)

    def largest(self, a: Array) -> Array:
        return np.max(a, axis=(-2, -1), keepdims=True)

    def spectral_norm(self, a: Array) -> Array:
        return self._singular(a, max)

    def smallest_singular(self, a: Array) -> Array:
        return self._singular(a, min)

    def _singular(self, a: Array, choose: Callable[[Any], Any]) -> Array:
        """One of the singular values of each matrix."""
        chosen = np.empty((*a.shape[:-2], 1, 1), dtype=object)
        for place in np.ndindex(a.shape[:-2]):
            singular = self._mp.svd_r(self._mp.matrix(a[place].tolist()), compute_uv=False)
            chosen[place] = choose(singular)
        return chosen

    def table(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        row = row_of(function)
        value = evaluate_row(row, self._space, orders, tuple(args))
        shape = np.broadcast_shapes(*(np.shape(a) for a in args))
        return self.asarray(np.broadcast_to(np.asarray(value, dtype=object), shape))

    def in_table(self, function: str) -> bool:
        return lookup(function) is not None

    def _one(self, entry: Any) -> Any:
        """One number of any kind in this context, exactly where it is a double."""
        if isinstance(entry, np.longdouble):
            high = float(entry)
            if np.isinf(high):
                return self._mp.mpf(str(entry))
            return self._mp.mpf(high) + self._mp.mpf(float(entry - np.longdouble(high)))
        return self._mp.convert(entry.item() if isinstance(entry, np.generic) else entry)
