"""Spans: between what two numbers something lies, with ends that may be excluded.

Ends are SymPy expressions, numbers or polynomials in symbols that are never negative (times after
the first one), so that a span may grow with time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from sympy import Expr, S, oo


class Undecided(Exception):
    """Which of two ends is the larger one depends on values."""


@dataclass(frozen=True)
class Span:
    """All numbers from ``low`` to ``high``; an open end is not among them, nor an infinite one."""

    low: Expr
    high: Expr
    open_low: bool = False
    open_high: bool = False

    @property
    def negated(self) -> Span:
        """The span of −x."""
        return Span(-self.high, -self.low, self.open_high, self.open_low)

    @property
    def size(self) -> Span:
        """The span of |x|."""
        if at_most(S.Zero, self.low):
            return self
        if at_most(self.high, S.Zero):
            return self.negated
        high, is_open = _extreme([(self.high, self.open_high), (-self.low, self.open_low)], at_most)
        return Span(S.Zero, high, False, is_open)

    def __add__(self, other: Span) -> Span:
        return Span(
            self.low + other.low, self.high + other.high,
            self.open_low or other.open_low, self.open_high or other.open_high,
        )  # fmt: skip

    def __mul__(self, other: Span) -> Span:
        corners = [
            _corner(one, another)
            for one in ((self.low, self.open_low), (self.high, self.open_high))
            for another in ((other.low, other.open_low), (other.high, other.open_high))
        ]
        low, open_low = _extreme(corners, lambda a, b: at_most(b, a))
        high, open_high = _extreme(corners, at_most)
        return Span(low, high, open_low, open_high)

    def hull(self, other: Span) -> Span:
        """The smallest span around both."""
        lows = [(self.low, self.open_low), (other.low, other.open_low)]
        highs = [(self.high, self.open_high), (other.high, other.open_high)]
        low, open_low = _extreme(lows, lambda a, b: at_most(b, a))
        high, open_high = _extreme(highs, at_most)
        return Span(low, high, open_low, open_high)

    def common(self, other: Span) -> Span:
        """What is in both, which hold the same value."""
        lows = [(self.low, not self.open_low), (other.low, not other.open_low)]
        highs = [(self.high, not self.open_high), (other.high, not other.open_high)]
        low, closed_low = _extreme(lows, at_most)
        high, closed_high = _extreme(highs, lambda a, b: at_most(b, a))
        return Span(low, high, not closed_low, not closed_high)

    @property
    def square(self) -> Span:
        """The span of x²."""
        return self.size * self.size

    def power(self, exponent: int) -> Span:
        """The span of a whole power, not negative."""
        if exponent % 2 == 0:
            return reduce(Span.__mul__, [self.square] * (exponent // 2), ONE)
        return reduce(Span.__mul__, [self.square] * (exponent // 2), self)

    @property
    def inverse(self) -> Span:
        """The span of 1/x, of what is positive.

        Raises:
            Undecided: it may be zero or negative.
        """
        if not at_most(S.Zero, self.low) or (self.low == 0 and not self.open_low):
            raise Undecided
        high = oo if self.low == 0 else 1 / self.low
        low = S.Zero if self.high == oo else 1 / self.high
        return Span(low, high, self.open_high or self.high == oo, self.open_low)

    def below(self, other: Span, strictly: bool) -> bool:
        """Whether all of this is at most, or strictly, below all of the other."""
        gap = other.low - self.high
        if self.high == oo or other.low == -oo or gap is S.NaN:
            return False
        if strictly and not (self.open_high or other.open_low):
            return bool(gap.is_positive)
        return bool(gap.expand().is_nonnegative)


ANY = Span(-oo, oo, True, True)
ONE = Span(S.One, S.One)
ZERO = Span(S.Zero, S.Zero)
UNIT = Span(S.Zero, S.One)
POSITIVE = Span(S.Zero, oo, True, True)
NONNEGATIVE = Span(S.Zero, oo, False, True)


def single(value: Expr) -> Span:
    """One number."""
    return Span(value, value)


def at_most(a: Expr, b: Expr) -> bool:
    """Whether a ≤ b is certain."""
    if a == b or a == -oo or b == oo:
        return True
    if a == oo or b == -oo:
        return False
    return bool((b - a).expand().is_nonnegative)


End = tuple[Expr, bool]


def _corner(one: End, other: End) -> End:
    """The product of two ends, and whether it is excluded; zero times anything is zero."""
    (a, open_a), (b, open_b) = one, other
    if a == 0 or b == 0:
        reached = (a == 0 and not open_a) or (b == 0 and not open_b)
        return S.Zero, not reached
    if a in (oo, -oo):
        return _far(a, b), True
    if b in (oo, -oo):
        return _far(b, a), True
    return a * b, open_a or open_b


def _far(end: Expr, factor: Expr) -> Expr:
    """An infinite end times another one, which may be zero at some times.

    Raises:
        Undecided: the sign of the other one is not certain.
    """
    if factor.is_extended_nonnegative:
        return end
    if factor.is_extended_nonpositive:
        return -end
    raise Undecided


def _extreme(ends: list[End], before: Callable[[Expr, Expr], bool]) -> End:
    """The end that all others come before; excluded where it is in every one of them.

    Raises:
        Undecided: no end is certain to be it.
    """
    for value, _ in ends:
        if all(before(other, value) for other, _ in ends):
            return value, all(is_open for other, is_open in ends if other == value)
    raise Undecided
