"""Lower bounds of norms by smallest singular values, and what they cannot say."""

from __future__ import annotations

import pytest

from derivations.expressions.nodes import SmallestSingular
from derivations.topics import topic
from verify.checking import check
from verify.topics.proofs import rule_of

LINEAR = ["h[t] = W @ h[t-1] + x[t]"]
CLAIMS = [
    (LINEAR, "norm(dh[T]/dh[k]) >= sigma_min(W)**(T-k)", "correct"),
    (LINEAR, r"\sigma_{\min}(W)^{T-k} \le \lVert \frac{\partial h_T}{\partial h_k} \rVert",
     "correct"),
    (LINEAR, "sigma_min(dh[T]/dh[k]) >= sigma_min(W)**(T-k)", "correct"),
    (LINEAR, "sigma_min(dh[T]/dh[k]) >= norm(W)**(T-k) for n >= 2", "wrong"),
    (["h[t] = tanh(W @ h[t-1] + x[t])"], "norm(dh[T]/dh[k]) >= sigma_min(W)**(T-k)", "wrong"),
    ("spectral-bounds", "norm(A @ B) >= sigma_min(A) * sigma_min(B)", "correct"),
    ("spectral-bounds", "sigma_min(A @ B) >= norm(A) * sigma_min(B)", "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "claim", "verdict"), CLAIMS, ids=lambda part: str(part))
def test_lower_bounds(cell: str | list[str], claim: str, verdict: str) -> None:
    grade = check(cell, claim)
    assert grade.verdict == verdict, grade.reason


def test_the_lower_bounds_of_the_topic_are_proved() -> None:
    derivation = topic("spectral-bounds").build()
    below = [f for f in derivation.formulas if f.relation == ">=" and f.left.has(SmallestSingular)]
    assert below and all(rule_of(formula, derivation) for formula in below)
