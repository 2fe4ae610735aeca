"""Losses with sums over entries are the losses of whole vectors."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.loading import load

CELL = ["h[t] = tanh(W @ h[t-1] + U @ x[t])", "p[t] = softmax(V @ h[t])"]
LATEX = [r"h_t = \tanh(W h_{t-1} + U x_t)", r"p_t = \mathrm{softmax}(V h_t)"]
SAME = [
    (CELL, "loss = -sum(t, 1, T, sum(k, 1, m, y[t][k] * log(p[t][k])))"),
    (LATEX, r"L = -\sum_t \sum_k y_{t,k} \log p_{t,k}"),
    (LATEX, r"L = -\sum_{t=1}^{T} \sum_{k=1}^{K} y_{t,k} \log p_{t,k}"),
    (LATEX, r"L = -\sum_t \sum_k y_t^{(k)} \log p_t^{(k)}"),
]


@pytest.mark.parametrize(("cell", "loss"), SAME)
def test_it_is_the_sum_of_a_vector(cell: list[str], loss: str) -> None:
    whole = load([*CELL, "loss = -sum(t, 1, T, sum(y[t] * log(p[t])))"]).cell
    found = load([*cell, loss]).cell
    assert found.definitions == whole.definitions
    assert found.templates == whole.templates


def test_an_input_of_two_times_stays_one() -> None:
    cell = load(["h[t] = tanh(sum(k, 1, t-1, a[t,k] * h[k]))"]).cell
    assert len(cell.templates["a"].steps) == 2


def test_a_matrix_is_refused() -> None:
    with pytest.raises(InputError):
        load([*CELL, "loss = sum(t, 1, T, sum(i, 1, n, h[t][i] * A[i,i]))"])
