"""Clipping in NumPy's own words, and the facts of the topic by name."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.derivation import Derivation
from derivations.topics import topic
from tests.topics.facts import said

FACTS = """
q = min(1, kappa / rho) * g
q = g
q = kappa * (g / rho)
q = zeros(n, 1)
sqrt(q.T @ q) <= kappa
g.T @ q / (rho * sqrt(q.T @ q)) = 1
dq/dg = kappa / max(kappa, rho) * (eye(n) - step(rho - kappa) * (g @ g.T / rho ** 2))
c = zeros(n, 1)
abs(c) <= kappa * ones(n, 1)
sqrt(c.T @ c) <= sqrt(n) * kappa
dc/dg = diag(hard_tanh'(g / kappa))
f.T @ fhat / (sqrt(f.T @ f) * sqrt(fhat.T @ fhat)) > 1/sqrt(r+1)
f.T @ fhat / (sqrt(f.T @ f) * sqrt(fhat.T @ fhat)) -> 1/sqrt(r+1)
sqrt((kappa * (g / rho)).T @ (kappa * (g / rho))) > rho
"""
LIMIT = 0.7


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("clipping").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    assert fact in said(derivation)


def by_norm(g: np.ndarray) -> np.ndarray:
    return g * (LIMIT / max(LIMIT, float(np.linalg.norm(g))))


def by_value(g: np.ndarray) -> np.ndarray:
    return np.clip(g, -LIMIT, LIMIT)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def differences(function: object, g: np.ndarray) -> np.ndarray:
    step = 1e-6
    columns = [
        (function(g + step * unit) - function(g - step * unit)) / (2 * step)  # type: ignore[operator]
        for unit in np.eye(len(g))
    ]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_jacobians_by_differences(scale: float) -> None:
    g = scale * np.array([0.9, -0.2, 0.5])
    norm = np.linalg.norm(g)
    radial = np.outer(g, g) / norm**2
    expected = LIMIT / max(LIMIT, norm) * (np.eye(3) - (norm > LIMIT) * radial)
    assert differences(by_norm, g) == pytest.approx(expected, abs=1e-8)
    assert differences(by_value, g) == pytest.approx(
        np.diag(abs(g) < LIMIT).astype(float), abs=1e-8
    )


def test_a_zero_gradient_stays_zero_and_has_the_identity_for_its_jacobian() -> None:
    zero = np.zeros(3)
    assert (by_norm(zero) == 0).all() and (by_value(zero) == 0).all()
    for clip in (by_norm, by_value):
        assert differences(clip, zero) == pytest.approx(np.eye(3), abs=1e-12)


@pytest.mark.parametrize("size", [2, 3, 10])
def test_the_worst_cosine_is_approached_and_never_reached(size: int) -> None:
    draw = np.random.default_rng(size)
    worst = 1 / np.sqrt(size)
    for _ in range(500):
        g = draw.standard_normal(size) * 10.0 ** draw.uniform(-2, 3, size)
        assert cosine(g, by_value(g)) > worst
        assert cosine(g, by_norm(g)) == pytest.approx(1.0)
    spike = np.full(size, LIMIT)
    spike[0] = 1e9
    assert cosine(spike, by_value(spike)) == pytest.approx(worst, rel=1e-7)
