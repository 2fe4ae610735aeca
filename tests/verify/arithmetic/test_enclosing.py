"""Intervals hold the true value, and as little else as they can."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derivations.functions import FUNCTIONS
from verify.arithmetic.enclosing import IntervalArithmetic
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.interval import Interval, interval
from verify.designs.structure import INCREASING

numbers = st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(-30, 30)


def fractions(x: Interval) -> tuple[Fraction, Fraction] | None:
    return None if math.isinf(x.low) or math.isinf(x.high) else (Fraction(x.low), Fraction(x.high))


@given(numbers, numbers)
def test_operations_hold_the_exact_result_and_round_once(a: float, b: float) -> None:
    x, y = Interval(a, a), Interval(b, b)
    exact = {"+": Fraction(a) + Fraction(b), "*": Fraction(a) * Fraction(b)}
    found = {"+": x + y, "*": x * y}
    if b:
        exact["/"], found["/"] = Fraction(a) / Fraction(b), x / y
    for sign, value in exact.items():
        ends = found[sign]
        assert ends.low <= value <= ends.high
        assert math.nextafter(ends.low, math.inf) >= ends.high
        if fractions(ends) == (value, value):
            assert ends.low == ends.high


@given(numbers, numbers, numbers, st.integers(0, 4))
def test_powers_and_hulls_hold_what_is_inside(a: float, b: float, share: float, n: int) -> None:
    low, high = sorted((a, b))
    inside = min(max(share, low), high)
    assert (
        (Interval(low, high) ** n).low <= Fraction(inside) ** n <= (Interval(low, high) ** n).high
    )


def covered() -> list[str]:
    """The functions that intervals have, of one argument."""
    found = []
    for name, row in FUNCTIONS.items():
        if row.arity == 1:
            try:
                IntervalArithmetic().apply(name, (0,), (np.array([[interval(2)]], dtype=object),))
            except NoCounterpart:
                continue
            found.append(name)
    return found


@pytest.mark.parametrize("name", covered())
@settings(max_examples=20)
@given(small, small, st.floats(0, 1))
def test_functions_hold_every_value(name: str, a: float, b: float, share: float) -> None:
    low, high = sorted((a, b))
    inside = min(max(low + share * (high - low), low), high)
    row = FUNCTIONS[name]
    assume(any(inside in domain for domain in row.domain) and inside != 0)
    box = np.array([[Interval(low, high)]], dtype=object)
    (value,) = IntervalArithmetic().apply(name, (0,), (box,)).flat
    true = row.mpmath_value(inside)
    assert mpmath.mpf(value.low) <= true <= mpmath.mpf(value.high)
    (slope,) = IntervalArithmetic().apply(name, (1,), (box,)).flat
    assert mpmath.mpf(slope.low) <= row.mpmath_slope(inside) <= mpmath.mpf(slope.high)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "hard_sigmoid"])
@settings(max_examples=20)
@given(small, small)
def test_monotone_functions_are_tight(name: str, a: float, b: float) -> None:
    low, high = sorted((a, b))
    box = np.array([[Interval(low, high)]], dtype=object)
    (value,) = IntervalArithmetic().apply(name, (0,), (box,)).flat
    for end, true in ((value.low, low), (value.high, high)):
        exact = FUNCTIONS[name].mpmath_value(true)
        assert abs(end - exact) <= 8 * 2.0**-52 * max(abs(exact), 1e-290)


def test_more_than_a_few_functions_are_covered() -> None:
    assert {"sigmoid", "tanh", "relu", "step", "sign", "softplus", "gelu"} <= set(covered())


@pytest.mark.parametrize("name", [n for n, row in FUNCTIONS.items() if row.arity == 1])
def test_which_functions_increase_strictly(name: str) -> None:
    row = FUNCTIONS[name]
    everywhere = any(-10 in d and 10 in d and 0 in d for d in row.domain)
    points = [k / 7 for k in range(-50, 51)]
    slopes = [row.mpmath_slope(x) for x in points] if everywhere else [-1]
    strictly = all(slope > 0 for slope in slopes) and not row.kinks()
    # Other functions increase, too; the ones in the set go through a rational at 0.
    rational = everywhere and sympy.sympify(row.value(0)).is_rational
    assert (name in INCREASING) == bool(strictly and rational)


def test_a_jump_takes_the_value_that_is_given() -> None:
    at_zero = np.array([[interval(0)]], dtype=object)
    for value in (0, Fraction(1, 2), 1):
        arithmetic = IntervalArithmetic({"step": Fraction(value)})
        assert arithmetic.apply("step", (0,), (at_zero,)).flat[0] == interval(value)
    around = np.array([[Interval(-1.0, 1.0)]], dtype=object)
    wide = IntervalArithmetic({"step": Fraction(2)}).apply("step", (0,), (around,)).flat[0]
    assert wide == Interval(0.0, 2.0)
