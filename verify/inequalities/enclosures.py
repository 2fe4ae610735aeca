"""Values of the table's functions over spans with numeric ends, rounded outwards."""

from __future__ import annotations

import math

from sympy import Expr, S, nsimplify, oo

from verify.arithmetic.enclosing import IntervalArithmetic
from verify.arithmetic.interval import Interval
from verify.inequalities.spans import Span


def is_numeric(span: Span) -> bool:
    """Whether both ends are numbers, or infinite."""
    return bool(span.low.is_number or span.low == -oo) and bool(
        span.high.is_number or span.high == oo
    )


def enclosed(function: str, given: list[Span]) -> Span:
    """The values of a function of the table over intervals."""
    intervals = [Interval(_down(span.low), _up(span.high)) for span in given]
    value = IntervalArithmetic().row(function, intervals)
    value = value if isinstance(value, Interval) else Interval(float(value), float(value))
    return Span(exact(value.low), exact(value.high), math.isinf(value.low), math.isinf(value.high))


def _down(end: Expr) -> float:
    near = float(end)
    return near if math.isinf(near) or exact(near) == end else math.nextafter(near, -math.inf)


def _up(end: Expr) -> float:
    near = float(end)
    return near if math.isinf(near) or exact(near) == end else math.nextafter(near, math.inf)


def exact(bound: float) -> Expr:
    """A float as the number that it is meant to be: 0.25 is 1/4."""
    if math.isinf(bound):
        return oo if bound > 0 else -oo
    simple = nsimplify(bound, rational=True)
    return simple if float(simple) == bound else S(bound)
