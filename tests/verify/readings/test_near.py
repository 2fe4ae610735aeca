"""Near cells: a wrong claim that is right about a cell of another convention."""

from __future__ import annotations

import pytest

from derivations.loading import load
from verify.claims.typing import read_relation
from verify.readings.near import about, near_cell

SIGMOID = ("z[t] = W @ h[t-1] + U @ x[t] + b", "h[t] = sigmoid(z[t])")
STEP = "dL/dh[t] = W.T @ diag(sigmoid'(z[t+1])) @ dL/dh[t+1]"

NEAR = [
    ((*SIGMOID, "loss = sum(t, 1, T, ell(h[t]))"), STEP, "the loss at other steps"),
    (SIGMOID, STEP, "a loss at the last step only"),
    (
        (*SIGMOID, "loss = ell(h[T])"),
        "dL/dh[t] = diag(sigmoid'(h[t])) @ W.T @ dL/dh[t+1]",
        "the state taken before the activation",
    ),
    (
        (*SIGMOID, "loss = ell(h[T])"),
        "dL/dh[t] = W.T @ diag(sigmoid'(h[t])) @ dL/dh[t+1]",
        "the state taken before the activation",
    ),
    (SIGMOID, "dh[t]/dh[t-1] = diag(sigmoid'(z[t])) @ W.T", "a transposed weight"),
    (SIGMOID, "dh[t]/dh[t-1] = diag(1 - h[t] * h[t]) @ W", "another activation"),
    (
        ("h[t] = z[t] * h[t-1] + (1 - z[t]) * g[t]", "z[t] = sigmoid(U @ x[t])"),
        "direct dh[t]/dh[t-1] = diag(1 - z[t])",
        "the gate and its complement exchanged",
    ),
]


@pytest.mark.parametrize(("cell", "claim", "name"), NEAR)
def test_finds_the_convention(cell: tuple[str, ...], claim: str, name: str) -> None:
    compiled = load(cell)
    found = near_cell(compiled, read_relation(compiled, claim), seconds=20)
    assert found is not None
    assert found.name == name
    assert name in found.sentence


def test_none_for_what_is_wrong_about_every_cell() -> None:
    compiled = load(SIGMOID)
    assert near_cell(compiled, read_relation(compiled, "dh[t]/dh[t-1] = 3 * W @ W")) is None


def test_nothing_equals_nothing_is_not_right() -> None:
    compiled = load(("h[t] = tanh(W @ h[t-1])", "p[t] = b", "loss = ell(p[T])"))
    claim = read_relation(compiled, "dL/dW = 2 * sum(t, 1, T, dL/dh[t] @ h[t-1].T)")
    assert not about(compiled.source, claim)
