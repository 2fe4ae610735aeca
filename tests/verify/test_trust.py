"""The benchmark of gradient checkers: its material is what it says, its methods can tell."""

from __future__ import annotations

import random
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def trust():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield import_module("trust")
    finally:
        sys.path.remove(str(BENCHMARKS))


def claims_at(trust, cell, name):
    (point,) = (point for point in trust.POINTS if point.name == name)
    return {claim.mistake: claim for claim in trust.claims(cell, point, random.Random(0))}


@pytest.mark.parametrize("method", ["exact", "differences", "jax check_grads, float64"])
def test_a_method_accepts_the_right_formula_and_rejects_a_plain_mistake(trust, method):
    claims = claims_at(trust, "rnn-leaky", "T = 3")
    right, wrong = (trust.judge(claims[m], method, 0) for m in ("", "sign flip"))
    assert right.accepted is True and wrong.accepted is False
    assert not right.wrong and not wrong.wrong


@pytest.mark.parametrize("method", ["exact", "differences"])
def test_a_relative_error_of_1e_minus_9_is_rejected(trust, method):
    claims = claims_at(trust, "rnn", "loss × 1e-8")
    assert trust.judge(claims["1e-9 in one term"], method, 0).accepted is False


def test_what_underflows_on_both_sides_is_left_open(trust):
    """A wrong claim whose gradient is 0 in float64 is not accepted for it."""
    claims = claims_at(trust, "attention-decoder", "|z| = 50")
    outcomes = [trust.judge(claim, "autodiff", 0) for claim in claims.values()]
    assert None in {outcome.accepted for outcome in outcomes if outcome.mistake}
    assert not any(outcome.wrong for outcome in outcomes)


def test_differences_of_fixed_step_reject_a_right_formula_beside_a_kink(trust):
    right = claims_at(trust, "rnn-leaky", "near a kink")[""]
    assert trust.judge(right, "jax check_grads, float64", 0).wrong
    assert not trust.judge(right, "differences", 0).wrong


def test_every_kind_of_mistake_is_made_somewhere(trust):
    made = claims_at(trust, "lstm", "T = 3")
    assert set(made) == {"", *import_module("recurrences").MISTAKES}


def test_the_changed_loss_has_the_changed_gradient(trust):
    plain, scaled = (claims_at(trust, "rnn", name)[""] for name in ("T = 3", "loss × 1e-8"))
    one, other = (trust.Function(claim, np.float64) for claim in (plain, scaled))
    for a, b in zip(one.gradients(*one.arguments), other.gradients(*one.arguments), strict=True):
        np.testing.assert_allclose(1e-8 * a, b, rtol=1e-12)


def test_every_verdict_is_in_the_table(trust):
    right = trust.Outcome("exact", "rnn", "T = 3", False, "", True, 0.5)
    missed = trust.Outcome("exact", "rnn", "near a kink", True, "sign flip", True, 0.5)
    table = trust.table([right, missed])
    cells = [next(iter(column.cells)) for column in table.columns]
    assert cells == ["exact", "0 of 0", "1 of 1", "0 of 1", "0 of 0", "0", "500.0 ms"]


def test_a_sample_keeps_to_its_limit(trust, monkeypatch):
    monkeypatch.setattr(trust, "LOSSES", {"rnn": trust.LOSSES["rnn"]})
    monkeypatch.setattr(trust, "POINTS", trust.POINTS[:1])
    chosen = trust.choose(6, 0)
    assert len(chosen) == 6 and sum(not claim.mistake for claim in chosen) == 1
