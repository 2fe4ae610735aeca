"""Values of the table's functions over spans with numeric ends, rounded outwards."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

from sympy import Expr, S, nsimplify, oo, sqrt

from derivations.expressions.nodes import Apply, Constant
from derivations.functions import Function
from verify.arithmetic.enclosing import IntervalArithmetic
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.interval import Interval
from verify.inequalities.spans import ANY, Span, at_most


def values_of(row: Function, given: list[Span]) -> Span:
    """Between what numbers the values of a function lie, its arguments lying in these spans."""
    if row.name == "abs":
        return given[0].size
    if row.name == "sqrt" and at_most(S.Zero, given[0].low):
        return replace(given[0], low=sqrt(given[0].low), high=sqrt(given[0].high))
    found = Span(
        exact(row.range.low), exact(row.range.high),
        row.range.open_low or math.isinf(row.range.low),
        row.range.open_high or math.isinf(row.range.high),
    )  # fmt: skip
    if given[0] == ANY or not all(is_numeric(span) for span in given):
        return found
    with suppress(NoCounterpart):  # a function without intervals, as sin
        found = enclosed(row.name, given).common(found)
    return found


def slopes_of(row: Function, node: Apply) -> Span:
    """Between what numbers a slope lies: γ of the table on both sides of zero."""
    parameters = node.arguments[row.arity :]
    plain = all(isinstance(p, Constant) and p.value.is_number for p in parameters)
    if not plain or node.orders[0] != 1 or sum(node.orders) != 1:
        return ANY
    bound = row.slope_bound(*(float(p.value) for p in parameters))
    return ANY if math.isinf(bound) else Span(-exact(bound), exact(bound))


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
