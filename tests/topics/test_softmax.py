"""Softmax with a temperature: the facts by name, and the same in NumPy's and SymPy's own words."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from derivations.derivation import Derivation
from derivations.render.style import Style
from derivations.render.text import text
from derivations.topics import topic
from tests.topics.facts import said

FACTS = """
p = softmax(tau * x)
q = softmax(x / T)
ds/dz = diag(s) - s @ s.T
dell/dz = sum(y) * s.T - y.T
dell/dz = (s - y).T
dp/dtau = p * (x - p.T @ x * ones(n, 1))
dH/dtau = -tau * V
dq/dT = -1 / T ** 2 * (q * (x - q.T @ x * ones(n, 1)))
dH_q/dT = V_q / T ** 3
p -> 1/n * ones(n, 1)
softmax(tau * a) -> concat(1/k * ones(k, 1), zeros(r, 1))
softmax(a / T) -> concat(1/k * ones(k, 1), zeros(r, 1))
softmax(tau * a) -> concat(1, zeros(r, 1))
(p - 1/n) / tau -> 1/n * (x - 1/n * sum(x) * ones(n, 1))
"""
SCORES = np.array([0.3, -1.2, 2.0, 0.7])


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("softmax").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    assert fact in said(derivation)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def entropy(p: np.ndarray) -> float:
    return float(-(p * np.log(p)).sum())


@pytest.mark.parametrize("tau", [0.4, 1.0, 3.0])
def test_the_derivatives_are_those_of_numpy(tau: float) -> None:
    step = 1e-5
    ahead, behind = softmax((tau + step) * SCORES), softmax((tau - step) * SCORES)
    p = softmax(tau * SCORES)
    mean = p @ SCORES
    assert (ahead - behind) / (2 * step) == pytest.approx(p * (SCORES - mean), abs=1e-9)
    slope = (entropy(ahead) - entropy(behind)) / (2 * step)
    assert slope == pytest.approx(-tau * (p @ (SCORES - mean) ** 2), rel=1e-7)


@pytest.mark.parametrize("ties", [1, 2, 3])
def test_those_that_tie_share_the_limit(ties: int) -> None:
    scores = np.concatenate([np.full(ties, 2.0), [1.9, -3.0]])
    expected = np.concatenate([np.full(ties, 1 / ties), [0.0, 0.0]])
    assert softmax(1e4 * scores) == pytest.approx(expected, abs=1e-12)
    assert softmax(scores / 1e-4) == pytest.approx(expected, abs=1e-12)


def test_sympy_finds_the_same_limits_and_slopes() -> None:
    tau = sympy.Symbol("tau", positive=True)
    scores = [sympy.Integer(3), sympy.Integer(3), sympy.Integer(1)]
    powers = [sympy.exp(tau * score) for score in scores]
    shares = [power / sum(powers) for power in powers]
    assert [sympy.limit(share, tau, sympy.oo) for share in shares] == [
        sympy.Rational(1, 2), sympy.Rational(1, 2), 0,
    ]  # fmt: skip
    assert [sympy.limit(share, tau, 0) for share in shares] == [sympy.Rational(1, 3)] * 3
    mean = sympy.Rational(7, 3)
    first = [sympy.diff(share, tau).subs(tau, 0) for share in shares]
    assert first == [(score - mean) / 3 for score in scores]


def test_a_higher_temperature_is_never_sharper(derivation: Derivation) -> None:
    """The belief that it is fails at any scores that differ: the slope of H is V/T³ > 0."""
    temperatures = np.linspace(0.1, 5, 60)
    entropies = [entropy(softmax(SCORES / t)) for t in temperatures]
    assert (np.diff(entropies) > 0).all()
    (slope,) = (f for f in derivation.formulas if text(f.left, Style()) == "dH_q/dT")
    assert text(slope.right, Style()) == "V_q / T ** 3"
