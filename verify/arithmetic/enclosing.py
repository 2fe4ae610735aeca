"""The number system of intervals: every value is enclosed, whatever the rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from derivations.functions.row import Function
from verify.arithmetic.entries import EntryArithmetic, NoCounterpart
from verify.arithmetic.interval import Interval, cosh, increasing, interval
from verify.arithmetic.jets import row_of

_NARROW = 1e-13
"""Relative width below which the formula itself is tight enough."""
_INCREASING = ("exp", "log", "tanh", "sinh", "sqrt", "erf", "atan")


class IntervalArithmetic(EntryArithmetic):
    """Intervals with outward rounding.

    A function without jumps whose slope keeps its sign over the interval is computed at the ends;
    any other by the interval operations of its formula, which may be wider than need be.
    """

    name = "intervals with outward rounding"
    epsilon = 2.0**-53

    def convert(self, value: Any) -> Interval:
        return interval(value)

    def choose(
        self, x: Interval, point: Interval, below: Interval, above: Interval, equal: Interval
    ) -> Interval:
        reached = [
            branch
            for branch, possible in (
                (below, x.low < point.high),
                (above, x.high > point.low),
                (equal, x.low <= point.high and point.low <= x.high),
            )
            if possible
        ]
        first, *rest = reached
        for branch in rest:
            first = first.hull(branch)
        return first

    def signs(self, x: Interval) -> frozenset[int]:
        possible = ((-1, x.low < 0), (0, x.low <= 0 <= x.high), (1, x.high > 0))
        return frozenset({sign for sign, holds in possible if holds})

    def primitive(self, name: str) -> Callable[[Any], Any]:
        if name in _INCREASING:
            return increasing(name)
        if name == "cosh":
            return cosh
        if name == "sech":
            return lambda x: 1 / cosh(x)
        if name == "pi":
            return lambda _: Interval(3.141592653589793, 3.1415926535897936)
        raise NoCounterpart(f"{name} has no intervals here")

    def row(self, name: str, arguments: Sequence[Any]) -> Any:
        row = row_of(name)
        within = np.frompyfunc(lambda y: _clipped(interval(y), row), 1, 1)
        value = within(row.value_in(self.space, *arguments))
        if row.arity != 1 or any(kink.jump for kink in row.kinks(*arguments[1:])):
            return value
        return np.frompyfunc(lambda x, y: self._at_ends(row, x, y, tuple(arguments[1:])), 2, 1)(
            arguments[0], value
        )

    def _at_ends(self, row: Function, x: Any, value: Any, parameters: tuple[Any, ...]) -> Any:
        if not isinstance(x, Interval) or x.high - x.low <= _NARROW * max(abs(x.low), abs(x.high)):
            return value
        if not any(x.low in domain and x.high in domain for domain in row.domain):
            # Beyond a pole the slope may keep its sign while the value comes back from infinity.
            return value
        slope = interval(row.slope_in(self.space, x, value, *parameters))
        if slope.low < 0 < slope.high:
            return value
        ends = [
            interval(row.value_in(self.space, Interval(end, end), *parameters))
            for end in (x.low, x.high)
        ]
        tight = ends[0].hull(ends[1])
        # Both hold the value; so does what they have in common.
        return Interval(max(tight.low, value.low), min(tight.high, value.high))


def _clipped(value: Interval, row: Function) -> Interval:
    """``value`` within the range of the function; a range end that was rounded is moved out."""
    low, high = row.range.low, row.range.high
    if math.isfinite(low) and not low.is_integer():
        low = math.nextafter(low, -math.inf)
    if math.isfinite(high) and not high.is_integer():
        high = math.nextafter(high, math.inf)
    return Interval(min(max(value.low, low), high), max(min(value.high, high), low))
