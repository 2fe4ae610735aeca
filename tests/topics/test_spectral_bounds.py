"""Bounds on gradients through time: the theorems, where they are tight, and beliefs refuted."""

from __future__ import annotations

import numpy as np
import pytest

from derivations.derivation import Derivation
from derivations.topics import topic
from derivations.topics.spectral_bounds.bounds import tabled
from tests.topics.facts import said
from verify.checking import check
from verify.topics.verification import verify_topic

FACTS = """
norm(A @ B) <= norm(A) * norm(B)
sigma_min(A @ B) >= sigma_min(A) * sigma_min(B)
norm(prod(j, k+1, T, diag(sigmoid'(z[j])) @ W)) <= (1/4 * norm(W)) ** (T-k)
norm(prod(j, k+1, T, diag(tanh'(z[j])) @ W)) <= norm(W) ** (T-k)
abs(prod(t, 1, T, w * sigmoid'(a[t]))) = (1/4 * abs(w)) ** T * prod(t, 1, T, sech(1/2 * a[t]) ** 2)
abs(prod(t, 1, T, w * sigmoid'(a[t]))) <= (1/4 * abs(w)) ** T
norm(w * ones(n, n)) = n * abs(w)
prod(t, 1, T, w * tanh'(a[t])) -> 1/2
prod(t, 1, T, w * sigmoid'(a[t])) -> 0
prod(t, 1, T, sigmoid(u)) -> 0
"""


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("spectral-bounds").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    assert fact in said(derivation)


def test_bounds_in_gamma_are_proved_and_not_only_sampled() -> None:
    report = verify_topic("spectral-bounds", ["proof"])
    proved = {result.subject for result in report.results}
    assert all(result.status == "pass" for result in report.results)
    for name, _, _ in tabled():
        assert sum(f"diag({name}'" in subject for subject in proved) == 2


def test_every_bound_says_where_it_is_tight(derivation: Derivation) -> None:
    bounds = [f for f in derivation.formulas if f.relation in ("<=", ">=")]
    assert bounds and all(f.equality for f in bounds)


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    return np.asarray(0.25 / np.cosh(z / 2) ** 2)


def test_one_sigmoid_unit_is_never_above_one_for_weights_up_to_four() -> None:
    draw = np.random.default_rng(0)
    for _ in range(200):
        weight, z = draw.uniform(-4, 4), 3 * draw.standard_normal(9)
        exact = np.prod(weight * sigmoid_slope(z))
        assert abs(exact) <= 1
        assert abs(exact) == pytest.approx((abs(weight) / 4) ** 9 * np.prod(np.cosh(z / 2) ** -2.0))


def test_a_weight_of_four_does_not_stop_vanishing() -> None:
    assert np.prod(4 * sigmoid_slope(np.ones(100))) < 1e-9


def test_entries_below_four_do_not_stop_explosion() -> None:
    weights = np.full((2, 2), 3.0)
    factor = np.diag(sigmoid_slope(np.zeros(2))) @ weights
    assert np.linalg.norm(np.linalg.matrix_power(factor, 10), 2) == pytest.approx(1.5**10)
    assert 1.5**10 > 50


def test_a_tanh_unit_whose_factors_are_below_one_keeps_half() -> None:
    steps = np.arange(1, 100001)
    factors = 1 - np.tanh(np.log((steps + 2) / steps) / 2) ** 2
    assert (factors < 1).all()
    assert np.prod(factors) == pytest.approx(0.5, abs=1e-5)


CELL, UNIT = ["h[t] = sigmoid(W @ h[t-1] + U @ x[t])"], ["h[t] = sigmoid(4 * h[t-1] + x[t])"]


@pytest.mark.parametrize(
    ("cell", "claim", "verdict"),
    [
        (CELL, "norm(dh[T]/dh[k]) <= (norm(W)/4) ** (T-k)", "correct"),
        (UNIT, "norm(dh[T]/dh[k]) <= 1", "correct"),
        # Wrong beliefs: a weight of 4 stops vanishing; the slope alone stops explosion.
        (UNIT, "norm(dh[T]/dh[k]) >= 1/2", "wrong"),
        (CELL, "norm(dh[T]/dh[k]) <= 1", "wrong"),
        (CELL, "norm(dh[T]/dh[k]) >= (norm(W)/4) ** (T-k)", "wrong"),
    ],
)
def test_claims_about_a_cell_are_graded_alike(cell: list[str], claim: str, verdict: str) -> None:
    grade = check(cell, claim)
    assert grade.verdict == verdict
    assert (grade.counterexample is not None) is (verdict == "wrong")
