"""The variance along a residual stack: the facts, SymPy's expectations, and all outcomes."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
import sympy
from sympy.stats import E, Normal

from derivations.derivation import Derivation
from derivations.topics import topic
from derivations.topics.residual_variance.moments import (
    second_moment_after_relu,
    second_moment_of_sum,
)
from tests.topics.facts import said

FACTS = """
v_out = v_u + 2 * c_uF + v_F
v_out = v_u + v_F
v_out >= v_u
v[l+1] = v[l] + n * s * (1/2 * v[l])
v[L] = 2**L * v_0
v[L] = (1+1/L) ** L * v_0
(1+1/L) ** L -> exp(1)
"""


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("residual-variance").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    assert fact in said(derivation)


def test_expectations_are_those_of_sympy() -> None:
    s = sympy.Symbol("s", positive=True)
    a = sympy.symbols("a_1:4", real=True)
    assert sympy.expand(second_moment_of_sum(a, s) - s**2 * sum(x**2 for x in a)) == 0
    assert second_moment_after_relu(s) == s**2 / 2
    assert E(Normal("w", 0, s)) == 0


def test_one_residual_layer_of_he_doubles_the_variance_over_all_outcomes() -> None:
    """Two inputs ±1, weights ±1 of variance 2/n = 1: every outcome of one unit, exactly."""
    after = [
        Fraction(u[0] + w[0] * max(u[0], 0) + w[1] * max(u[1], 0))
        for u in product((1, -1), repeat=2)
        for w in product((1, -1), repeat=2)
    ]
    assert sum(after) == 0
    assert sum(x**2 for x in after) / len(after) == 2


def test_unit_variance_needs_a_branch_of_zero() -> None:
    """Whatever the scale of the weights, the variance grows by n Var_w/2 of itself."""
    for scale in (Fraction(1, 100), Fraction(1, 2), Fraction(3)):
        after = [
            u[0] + scale * (w[0] * max(u[0], 0) + w[1] * max(u[1], 0))
            for u in product((1, -1), repeat=2)
            for w in product((1, -1), repeat=2)
        ]
        assert sum(x**2 for x in after) / len(after) == 1 + scale**2 > 1
