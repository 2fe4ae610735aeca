"""Norms, their squares, and maxima with zero."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.loading import load

SAME = [
    (r"y_t = \|x_t\|^2", "y[t] = dot(x[t], x[t])"),
    (r"y_t = \lVert x_t \rVert_2^2", "y[t] = dot(x[t], x[t])"),
    ("y[t] = norm(x[t])**2", "y[t] = dot(x[t], x[t])"),
    (r"y_t = \lVert x_t \rVert_2", "y[t] = norm(x[t])"),
    (r"y_t = \lVert W \rVert_2^2 x_t", "y[t] = norm(W)**2 * x[t]"),
    (r"y_t = \max(0, W x_t)", "y[t] = relu(W @ x[t])"),
    ("y[t] = max(W @ x[t], 0)", "y[t] = relu(W @ x[t])"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_cell(first: str, second: str) -> None:
    one, other = load([first]).cell, load([second]).cell
    assert one.definitions == other.definitions


def test_another_maximum_stays() -> None:
    one, other = load([r"y_t = \max(p x_t, x_t)"]).cell, load([r"y_t = \max(0, x_t)"]).cell
    assert one.definitions != other.definitions


@pytest.mark.parametrize("subscript", ["F", "1", r"\infty", r"{\infty}", "p"])
def test_another_norm_is_refused(subscript: str) -> None:
    with pytest.raises(InputError) as caught:
        load([rf"y_t = \lVert W \rVert_{subscript} x_t"])
    assert "sqrt(sum(A*A))" in str(caught.value)
