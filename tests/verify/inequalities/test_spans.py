"""Spans hold what they say, ends and all; value ranges hold every value that a cell takes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, Symbol, oo

from derivations.catalogue import names
from derivations.functions import FUNCTIONS
from derivations.loading import load
from verify.checking import check
from verify.claims.counterexample import PlainSetting
from verify.exact.schedule import Case
from verify.exact.world import World
from verify.inequalities.spans import Span, at_most
from verify.inequalities.value_ranges import Ranges

ENDS = st.fractions(-3, 3, max_denominator=4)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, Fraction]:
    """A span and a number in it."""
    low, high = sorted((draw(ENDS), draw(ENDS)))
    at = low + (high - low) * draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]))
    opens = (at != low and draw(st.booleans()), at != high and draw(st.booleans()))
    return Span(Rational(low), Rational(high), *opens), at


def holds(span: Span, x: Fraction) -> bool:
    low = span.low < x or (span.low == x and not span.open_low)
    return bool(low and (x < span.high or (x == span.high and not span.open_high)))


@given(spans(), spans())
def test_what_is_computed_lies_in_the_span(one: tuple, other: tuple) -> None:
    (a, x), (b, y) = one, other
    assert holds(a + b, x + y)
    assert holds(a * b, x * y)
    assert holds(a.negated, -x)
    assert holds(a.size, abs(x))
    assert holds(a.square, x * x)
    assert holds(a.hull(b), x) and holds(a.hull(b), y)
    if not a.below(b, strictly=False):
        return
    assert x <= y
    assert not a.below(b, strictly=True) or x < y


def test_ends_may_grow_with_time() -> None:
    later = Symbol("s", nonnegative=True)
    assert at_most(later, later + 1)
    assert not at_most(later, 2 * later - 1)
    assert (Span(-later, later) * Span(-1, 1)).high == later
    assert Span(-oo, later).below(Span(later + 1, oo), strictly=True)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_ends_said_to_be_open_are_not_reached(name: str) -> None:
    row = FUNCTIONS[name]
    ends = ((row.range.low, row.range.open_low), (row.range.high, row.range.open_high))
    if row.arity != 1:
        return
    defaults = [float(value) for value in row.defaults]
    places = [x for x in (-10.0, -1.0, -0.5, 0.0, 0.5, 1.0, 10.0)
              if any(x in domain for domain in row.domain)]  # fmt: skip
    values = [row.mpmath_value(x, *defaults, digits=60) for x in places]
    for end in (end for end, is_open in ends if is_open and math.isfinite(end)):
        assert all(value != end for value in values)
        assert min(abs(value - end) for value in values) < 0.1  # and yet it is the bound


@pytest.mark.parametrize("name", names())
def test_every_value_of_a_cell_lies_in_its_range(name: str) -> None:
    cell = load(name).cell
    ranges = Ranges(cell, {})
    ends = {axis.upper: 2 for axis in cell.axes}
    world = World(cell, Case(dict.fromkeys(cell.sizes, 2), ends), PlainSetting(cell, 2, float))
    for definition in cell.definitions:
        at = dict.fromkeys(definition.target.steps, 1)
        span = ranges.of(definition.target)
        values = np.asarray(world.claim(definition.target, at), dtype=float)
        assert np.all(values >= float(span.low)) and np.all(values <= float(span.high))


def test_a_sum_that_may_be_empty_may_be_zero() -> None:
    """A sum of positive terms is positive where it has one."""
    for claim, verdict in (
        ("sum(k, 1, t, exp(x[k])) > 0", "correct"),
        ("sum(k, 2, t, exp(x[k])) > 0 for t >= 1", "wrong"),
        ("sum(k, 2, t, exp(x[k])) >= 0 for t >= 1", "correct"),
        ("abs(sin(x[t])) <= 1", "correct"),
        ("abs(sin(tanh(x[t]))) <= 1", "correct"),
    ):
        grade = check(["h[t] = tanh(h[t-1] + x[t])"], claim)
        assert grade.verdict == verdict, claim
