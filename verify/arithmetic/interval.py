"""Intervals of float64 with outward rounding: what is proved of them holds for real numbers.

Sums, products and quotients are rounded only where they are not exact, and only outward: the sign
of the rounding error is computed (Dekker 1971). Functions are computed to 100 bits by mpmath, then
widened by far more than its error before they are rounded outward.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from verify.arithmetic.operators import Entry

LARGEST = sys.float_info.max
TINY = 1e-290
HUGE = 1e300
EXACT = 2**53
"""Whole numbers up to this one are doubles."""
_LEAST, _MOST = TINY**0.5, HUGE**0.5
_SPLIT = 134_217_729.0  # 2²⁷ + 1
_PRECISION, _GUARD = 100, 80


@dataclass(frozen=True, slots=True)
class Interval(Entry):
    """All real numbers from ``low`` to ``high``; an infinite end is not attained."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """high − low, rounded up."""
        return (self - Interval(self.low, self.low)).high

    def __contains__(self, x: float) -> bool:
        return self.low <= x <= self.high

    def within(self, other: Interval) -> bool:
        """Whether all of this lies in ``other``."""
        return other.low <= self.low and self.high <= other.high

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def lift(self, other: Any) -> Interval:
        return interval(other)

    def plus(self, other: Interval) -> Interval:
        return Interval(_add(self.low, other.low, -1), _add(self.high, other.high, 1))

    def negated(self) -> Interval:
        return Interval(-self.high, -self.low)

    def times(self, other: Interval) -> Interval:
        pairs = self._corners(other)
        return Interval(
            min(_multiply(a, b, -1) for a, b in pairs), max(_multiply(a, b, 1) for a, b in pairs)
        )

    def over(self, other: Interval) -> Interval:
        if 0.0 in other:
            return Interval(-math.inf, math.inf)
        pairs = self._corners(other)
        return Interval(
            min(_divide(a, b, -1) for a, b in pairs), max(_divide(a, b, 1) for a, b in pairs)
        )

    def _corners(self, other: Interval) -> list[tuple[float, float]]:
        return [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]

    def __pow__(self, exponent: int) -> Interval:
        if exponent == 0:
            return Interval(1.0, 1.0)
        if exponent % 2 == 0 and self.low < 0:
            size = max(-self.low, self.high)
            least = 0.0 if self.high >= 0 else -self.high
            return Interval(least, size) ** exponent
        result = self
        for _ in range(exponent - 1):
            result = result * self
        return result


def interval(value: Any) -> Interval:
    """The smallest interval around a number."""
    if isinstance(value, Interval):
        return value
    if type(value) is int and -EXACT <= value <= EXACT:
        return Interval(float(value), float(value))
    exact = value if isinstance(value, Fraction) else Fraction(value)
    return Interval(_rounded(exact, -1), _rounded(exact, 1))


def increasing(name: str) -> Callable[[Interval], Interval]:
    """An increasing function of mpmath on intervals, at its ends."""
    return lambda x: Interval(_bound(name, x.low, -1), _bound(name, x.high, 1))


def cosh(x: Interval) -> Interval:
    """cosh, which turns around at 0."""
    ends = (_bound("cosh", end, side) for end in (x.low, x.high) for side in (-1, 1))
    values = tuple(ends)
    return Interval(1.0 if 0.0 in x else min(values), max(values))


_AT_INFINITY: dict[str, tuple[float, float]] = {
    "exp": (0.0, math.inf), "tanh": (-1.0, 1.0), "sinh": (-math.inf, math.inf),
    "erf": (-1.0, 1.0), "atan": (-1.5707963267948968, 1.5707963267948968),
    "cosh": (math.inf, math.inf), "sqrt": (0.0, math.inf), "log": (-math.inf, math.inf),
}  # fmt: skip
_LIMITED = {"tanh": (-1.0, 1.0), "erf": (-1.0, 1.0), "exp": (0.0, math.inf)}


@lru_cache(maxsize=1 << 16)
def _bound(name: str, x: float, side: int) -> float:
    """The value at ``x`` rounded down (side −1) or up; what converges asks for it again."""
    import mpmath

    if math.isinf(x):
        return _AT_INFINITY[name][x > 0]
    if name in ("log", "sqrt") and x <= 0:
        return 0.0 if name == "sqrt" and x == 0 else _AT_INFINITY[name][0]
    if name == "exp" and abs(x) > 720:
        # Beyond the range of doubles.
        return (LARGEST if side < 0 else math.inf) if x > 0 else (0.0 if side < 0 else 5e-324)
    if name in ("sinh", "cosh") and abs(x) > 700:
        high = LARGEST if side < 0 else math.inf
        return high if x > 0 or name == "cosh" else -(math.inf if side < 0 else LARGEST)
    with mpmath.workprec(_PRECISION):
        value = getattr(mpmath, name)(mpmath.mpf(x))
        if name not in ("exp", "cosh") and value == 0:
            return 0.0
        if value == 1 and x == 0:
            return 1.0
        slack = abs(value) * mpmath.mpf(2) ** -_GUARD
        wide = value + slack if side > 0 else value - slack
        near = float(wide)
        if side > 0 and mpmath.mpf(near) < wide:
            near = math.nextafter(near, math.inf)
        elif side < 0 and mpmath.mpf(near) > wide:
            near = math.nextafter(near, -math.inf)
    least, most = _LIMITED.get(name, (-math.inf, math.inf))
    return min(max(near, least), most)


def _rounded(exact: Fraction, side: int) -> float:
    try:
        near = float(exact)
    except OverflowError:
        return _over(exact > 0, side)
    if math.isinf(near):
        return _over(exact > 0, side)
    error = exact - Fraction(near)
    return _outward(near, error > 0, error < 0, side)


def _over(positive: bool, side: int) -> float:
    """What a finite number beyond the doubles is rounded to."""
    if positive:
        return math.inf if side > 0 else LARGEST
    return -LARGEST if side > 0 else -math.inf


def _outward(near: float, above: bool, below: bool, side: int) -> float:
    """``near`` moved one step out where the true value lies above (below) it."""
    if side > 0 and above:
        return math.nextafter(near, math.inf)
    return math.nextafter(near, -math.inf) if side < 0 and below else near


def _add(a: float, b: float, side: int) -> float:
    total = a + b
    if not math.isfinite(total):
        if math.isinf(a) or math.isinf(b):
            return total if total == total else side * math.inf
        return _over(total > 0, side)
    back = total - a
    error = (a - (total - back)) + (b - back)
    return _outward(total, error > 0, error < 0, side)


def _two_product(a: float, b: float) -> tuple[float, float]:
    """The rounded product and what rounding left out."""
    product = a * b
    c, d = _SPLIT * a, _SPLIT * b
    a1, b1 = c - (c - a), d - (d - b)
    a2, b2 = a - a1, b - b1
    return product, a2 * b2 - (((product - a1 * b1) - a2 * b1) - a1 * b2)


def _safe(value: float) -> bool:
    """Whether Dekker's products of it are exact: nothing overflows, nothing becomes subnormal."""
    return _LEAST < value < _MOST or _LEAST < -value < _MOST


def _multiply(a: float, b: float, side: int) -> float:
    if a == 0.0 or b == 0.0:
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return a * b
    if _safe(a) and _safe(b):
        product, error = _two_product(a, b)
        return _outward(product, error > 0, error < 0, side)
    return _rounded(Fraction(a) * Fraction(b), side)


def _divide(a: float, b: float, side: int) -> float:
    if a == 0.0:
        return 0.0
    if math.isinf(b):
        # The quotient of a finite number tends to 0; of two infinite ones nothing is known.
        return side * math.inf if math.isinf(a) else 0.0
    if math.isinf(a):
        return a if b > 0 else -a
    if _safe(a) and _safe(b) and _safe(a / b):
        quotient = a / b
        product, error = _two_product(quotient, b)
        rest = ((a - product) - error) * b
        return _outward(quotient, rest > 0, rest < 0, side)
    return _rounded(Fraction(a) / Fraction(b), side)
