"""Truncated gradients: the exact error in a real network, and truncation at random enumerated."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from derivations.derivation import Derivation
from derivations.topics import topic
from derivations.topics.truncation.randomized import PREVIOUS, exact, mean
from tests.topics.facts import said
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.evaluate import Key, System
from verify.precision import relative_error

FACTS = """
a[t] = g[t] + C[t] @ a[t-1]
ahat[t] = sum(i, t-tau+1, t, prod(j, i+1, t, C[j]) @ g[i])
a[t] - ahat[t] = prod(j, t-tau+1, t, C[j]) @ a[t-tau]
a[t] / (a[t] - ahat[t]) -> 0
a[t] * ahat[t] < 0
xibar = 1
v_xi = (1 - pi) / pi
zbar[2] = b[2] + c[2] * (b[1] + c[1] * z)
v[2] > 0
"""


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("truncation").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    assert fact in said(derivation)


@pytest.mark.parametrize("window", [1, 2, 5])
def test_the_error_is_exact_for_the_weight_of_a_tanh_unit(window: int) -> None:
    """dh_t/dw of h_t = tanh(w h_{t−1} + x_t), whole and with the last terms only."""
    draw = np.random.default_rng(0)
    weight, inputs = 0.9, draw.standard_normal(7)
    state, parts, factors, whole = 0.3, [0.0], [1.0], [0.0]
    for x in inputs:
        after = np.tanh(weight * state + x)
        slope = 1 - after**2
        parts.append(slope * state)
        factors.append(slope * weight)
        whole.append(parts[-1] + factors[-1] * whole[-1])
        state = after
    end = len(inputs)
    kept = sum(np.prod(factors[i + 1 :]) * parts[i] for i in range(end - window + 1, end + 1))
    lost = np.prod(factors[end - window + 1 :]) * whole[end - window]
    assert whole[end] - kept == pytest.approx(lost, rel=1e-12)


def test_the_error_relative_to_the_whole_has_no_bound() -> None:
    for epsilon in (1e-2, 1e-5, 1e-8):
        whole, kept = 1 + (epsilon - 1), epsilon - 1
        assert abs(whole - kept) / whole >= 0.99 / epsilon


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_the_mean_over_all_outcomes_is_the_recursion(steps: int) -> None:
    """The expressions of the topic, for more steps than it prints."""
    draw = np.random.default_rng(steps)
    values: dict[Key, np.ndarray] = {}

    def free(key: Key) -> np.ndarray:
        if key[1] == "pi":
            return np.full((1, 1), 0.375)
        return values.setdefault(key, draw.standard_normal((1, 1)))

    system = System((), MultiprecisionArithmetic(), {}, {}, free)
    whole, average = (
        system.evaluate(side) for side in (exact(steps, PREVIOUS), mean(steps, PREVIOUS))
    )
    assert relative_error(whole, average) < 1e-55


@pytest.mark.parametrize("probability", [Fraction(1, 3), Fraction(9, 10)])
def test_fractions_agree_without_rounding(probability: Fraction) -> None:
    b, c, start = [Fraction(2, 3), Fraction(-5, 7), Fraction(1, 2)], [3, Fraction(1, 4), -2], 5
    outcomes = []
    for choices in product((True, False), repeat=3):
        z, chance = Fraction(start), Fraction(1)
        for keeps, part, factor in zip(choices, b, c, strict=True):
            z = part + (factor * z / probability if keeps else 0)
            chance *= probability if keeps else 1 - probability
        outcomes.append((chance, z))
    whole = Fraction(start)
    for part, factor in zip(b, c, strict=True):
        whole = part + factor * whole
    assert sum(chance for chance, _ in outcomes) == 1
    assert sum(chance * z for chance, z in outcomes) == whole
    assert sum(chance * z**2 for chance, z in outcomes) > whole**2
