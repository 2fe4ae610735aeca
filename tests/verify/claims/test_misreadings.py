"""Claims that could be taken for others: what they say is graded, or they are refused."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from verify.checking import check

RNN = ["z[t] = W @ h[t-1] + U @ x[t] + b", "h[t] = tanh(z[t])"]
RELU = ["z[t] = W @ h[t-1] + U @ x[t]", "h[t] = relu(z[t])"]
TWO = ["h[t] = W @ h[t-1] + U @ h[t-2]"]
CONSTANT = ["c = tanh(E @ q)", "h[t] = tanh(W @ h[t-1] + c)"]
CLASSES = [r"o_t = V \tanh(W o_{t-1})", r"L = \sum_t \mathrm{cross\_entropy}(o_t, y_t)"]
GRADED = [
    # A sum over entries ends where it says so.
    (RNN, "sum(j, 1, n, W[i,j] * h[t-1][j]) = (W @ h[t-1])[i]", "correct"),
    (RNN, "sum(j, 1, i, W[i,j] * h[t-1][j]) = (W @ h[t-1])[i]", "wrong"),
    (RNN, r"\sum_{j=1}^{i} W_{ij} h_{t-1,j} = (W h_{t-1})_i", "wrong"),
    (RNN, r"\sum_{j} W_{ij} h_{t-1,j} = (W h_{t-1})_i", "correct"),
    # A function whose name begins with d is no differential.
    (RNN, "dot(h[t], h[t]) / dot(x[t], x[t]) = norm(h[t])**2 / norm(x[t])**2", "correct"),
    # What equations give moves, with a time or without.
    (RNN, "d(2 * loss)/dh[t] = 2 * (dL/dh[t]).T", "correct"),
    (CONSTANT, "d(2 * c)/dq = 2 * dc/dq", "correct"),
    # An indicator at the end of a claim is a factor.
    (RELU, r"h_t = z_t \odot \mathbb{1}[z_t > 0]", "correct"),
    (RELU, "h[t] = z[t] * (z[t] > 0)", "correct"),
    (["h[t] = x[t]"], "h[t] = x[t] * 1[t > 2]", "wrong"),
    (RNN, r"h_t = \tanh(z_t) \in \mathbb{R}^{n_{h}}", "correct"),
    (CLASSES, r"\frac{\partial L}{\partial o_{T,i}} = \mathrm{softmax}(o_T)_i - \mathbf{1}_{i=y_T}",
     "correct"),
    (RNN, r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}} = \tanh'(z_t)_i W_{ij}", "correct"),
]  # fmt: skip
REFUSED = [
    (RNN, "dot(h[t]) = h[t]", "takes 2"),
    (RNN, r"\mathbb{1}[h_t = i] = h_{t,i}", "an equality"),
    (["phi(u) = max(p*u, u)", "p: scalar", "h[t] = phi(W @ h[t-1])"],
     r"\frac{\partial L}{\partial p} = \sum_{t=1}^T \frac{\partial L}{\partial p^{(t)}}", "phi"),
]  # fmt: skip
UNPROVED = [
    (TWO, "sigma_min(W @ U) <= sigma_min(U @ W)"),
    (["a[t] = softmax(W @ x[t])", "h[t] = a[t]"], "a[t] @ (3 + tanh(x[t])).T > 2"),
]


@pytest.mark.parametrize(("cell", "claim", "verdict"), GRADED, ids=lambda part: str(part)[:60])
def test_is_graded_as_it_stands(cell: list[str], claim: str, verdict: str) -> None:
    assert check(cell, claim, mend=False).verdict == verdict


@pytest.mark.parametrize(("cell", "claim", "said"), REFUSED, ids=lambda part: str(part)[:60])
def test_is_refused(cell: list[str], claim: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check(cell, claim, mend=False)
    assert said in str(caught.value)


@pytest.mark.parametrize(("cell", "claim"), UNPROVED, ids=lambda part: str(part)[:60])
def test_what_is_false_is_not_proved(cell: list[str], claim: str) -> None:
    assert check(cell, claim, mend=False).verdict == "wrong"
