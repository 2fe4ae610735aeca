"""Rounding told from mistakes, and kinks from both."""

from __future__ import annotations

import numpy as np
import pytest

from verify.oracles import Estimate
from verify.precision import at_kinks, frobenius, is_vacuous, relative_error, shrinkage


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_relative_error_has_no_scale(scale):
    a = scale * np.array([[1.0], [2.0]])
    assert relative_error(a, a * (1 + 1e-3)) == pytest.approx(1e-3, rel=1e-2)
    assert relative_error(a, -a) == pytest.approx(2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_never_agrees(bad):
    assert relative_error([[bad]], [[bad]]) == np.inf
    assert relative_error([[bad]], [[1.0]]) == np.inf


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_the_norm_stays_in_range(scale):
    assert frobenius(scale * np.array([[3.0, -4.0]])) == pytest.approx(5 * scale)


def test_estimates_disagree_where_a_value_is_tiny_huge_or_not_finite():
    one = np.ones((1, 1))
    for value, other in ((1e-250, 2e-250), (1e250, 2e250), (1.0, np.inf), (np.nan, np.nan)):
        bounds = [1e-12 * abs(x) for x in (value, other)]
        first, second = (Estimate(x * one, e) for x, e in zip((value, other), bounds, strict=True))
        assert not first.agrees_with(second)
    assert Estimate(one, 1e-12).agrees_with(Estimate(one + 1e-13, 0.0))


def test_two_zeros_agree_but_vacuously():
    zero = np.zeros((2, 1))
    assert relative_error(zero, zero) == 0
    assert is_vacuous(zero, zero)
    assert not is_vacuous(zero, zero + 1e-300)


def cancelling(arithmetic):
    """(1 + x) - 1 against x for x = 2⁻⁴⁰: twelve digits are lost."""
    x = arithmetic.asarray(np.full((1, 1), 2.0**-40 / 3))
    one = arithmetic.number(1)
    return relative_error((one + x) - one, x)


def test_rounding_shrinks_and_a_mistake_does_not():
    found = shrinkage(cancelling)
    assert found.discrepancies[0] > 1e-6
    assert found.discrepancies[1] < found.discrepancies[0]
    assert found.vanishes
    assert not shrinkage(lambda arithmetic: 1e-12).vanishes


def test_a_kink_disagrees_at_one_point_only():
    """What agrees at every neighbour but the point; none that disagrees at a single one."""

    def agreeing(number, left):
        return [place for place in left if place != number]

    assert at_kinks([0, 1, 3, 9], agreeing, neighbours=5) == [0, 9]
