"""Claims about topics: what they state is confirmed, what is commonly believed is refuted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from derivations.errors import InputError
from derivations.topics import topic, topics
from verify.checking import check
from verify.topics.claims import LAYOUT, grade_topic
from verify.topics.reading import read_claim

FILE = Path(__file__).parents[2] / "data" / "topic_claims.jsonl"
CLAIMS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("entry", CLAIMS, ids=lambda entry: f"{entry['cell']}: {entry['claim']}")
def test_the_claim_is_graded(entry: dict[str, str]) -> None:
    grade = check(entry["cell"], entry["claim"], mend="mended" in entry)
    assert grade.verdict == entry["verdict"], grade.reason
    assert (grade.repair or {}).get("text") == entry.get("mended")
    shown = grade.counterexample
    fits = grade.conditions[:1] != (LAYOUT,)  # else the two sides cannot be compared
    assert (shown is None) == (grade.verdict in ("correct", "undecided") or not fits)
    if shown is not None:
        assert shown.T is None
        strict = read_claim(topic(entry["cell"]).build(), entry["claim"]).formula.relation in "<>"
        assert strict or not np.allclose(shown.claimed, shown.true)


def test_every_topic_is_asked_about() -> None:
    assert {entry["cell"] for entry in CLAIMS} == set(topics())


def test_what_a_claim_states_is_kept() -> None:
    assert grade_topic("positional", "norm(u[t]) <= 1 for t <= -5").verdict == "wrong"
    assert grade_topic("positional", "norm(u[t]) <= 1 for 0 <= t <= 1").verdict == "undecided"
    with pytest.raises(InputError, match="no point"):
        grade_topic("positional", "u[t] = t for 5 <= t <= 4")


def test_what_the_topic_says_instead_is_shown() -> None:
    grade = grade_topic("positional", "P[t+tau] = P[t] + P[tau]", mend=False)
    assert grade.correct_form is not None
    assert grade.correct_form["text"] == "P[t+tau] = M[tau] @ P[t]"
    grade = grade_topic("positional", "norm(P[t] - P[t+a])**2 = 0", mend=False)
    assert grade.correct_form is None or "cos" in grade.correct_form["text"]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("v_out = v_u + v_F for c_uF = 0", "nothing in the claim is computed from c_uF"),
        ("v_out = v_u for c_uF > 0", "no range"),
    ],
)
def test_values_that_change_nothing_are_refused(claim: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        grade_topic("residual-variance", claim)


def test_sums_run_over_whole_numbers() -> None:
    with pytest.raises(InputError, match="any real number"):
        grade_topic("positional", "sum(j, 1, t, omega[j]) = 0")
    claim = "sum(j, 1, t, omega[j]) = 0 for integers t >= 1"
    assert grade_topic("positional", claim, mend=False).verdict == "wrong"


def test_a_chain_is_as_good_as_its_worst_link() -> None:
    grade = check("clipping", "norm(q) = kappa <= 0")
    assert grade.verdict == "wrong"
    assert "second" in grade.reason


@pytest.mark.parametrize(
    ("claim", "said"),
    [("dL/dg = 0", "loss"), ("qq = 0", "no variable qq"), ("q = P[t]", "P"), ("q", "relation")],
)
def test_bad_claims_are_refused(claim: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        grade_topic("clipping", claim)
    assert "pair" not in str(caught.value)


def test_names_that_print_alike_are_told_apart_by_their_indices() -> None:
    derivation = topic("positional").build()
    names = {
        claim: read_claim(derivation, f"{claim} = {claim}").formula.left.name
        for claim in ("P[t]", "P[t,k]", r"M^{\tau}", r"M^{\tau}_k", r"M_k^\tau")
    }
    assert list(names.values()) == ["P", "pair", "M", "shift", "shift"]
