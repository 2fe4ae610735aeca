"""``^T`` above a bracket: the power T of what is 1x1 whatever the sizes, a transpose of the rest."""

from __future__ import annotations

import pytest

from derivations.language import parse_cell, parse_claim

CELL = parse_cell(["a: scalar", "b_1: scalar", "h[t] = a * b_1 * (W @ U @ h[t-1]) + v"])

RAISED = [
    (r"(a)^T", "a ** T"),
    (r"b_{1}^T", "b_1 ** T"),
    (r"(-a)^T (-1)^T", "(-a) ** T @ (-1) ** T"),
    (r"2^T", "2 ** T"),
    (r"(a b_1)^{T}", "(a @ b_1) ** T"),
    (r"\left(\frac{|a|}{4}\right)^T", "(abs(a) / 4) ** T"),
    (r"\|W\|^T", "norm(W) ** T"),
    (r"\lvert 1 - a^2 \rvert^{T}", "abs(1 - a**2) ** T"),
    (r"\exp(a)^T", "exp(a) ** T"),
    (r"(a b_1)^\top", "(a @ b_1).T"),
    (r"(W U)^T", "(W @ U).T"),
    (r"(a W)^{T}", "(a @ W).T"),
    (r"(h_t)^T", "h[t].T"),
    (r"|v|^T", "abs(v).T"),
    (r"\tanh(v)^T", "tanh(v).T"),
    (r"\left(\frac{\partial h_t}{\partial h_{t-1}}\right)^T", "(dh[t]/dh[t-1]).T"),
]


@pytest.mark.parametrize(("latex", "text"), RAISED)
def test_a_power_is_told_from_a_transpose(latex: str, text: str) -> None:
    assert parse_claim(rf"{latex} = \frac{{1}}{{1}}", CELL) == parse_claim(f"{text} = 1 / 1", CELL)
