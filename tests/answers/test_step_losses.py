"""The loss of one step in queries, where the cell names only the whole loss, or none."""

from __future__ import annotations

import pytest

from derivations.answers import query
from derivations.errors import InputError

STEP = "h[t] = tanh(W @ h[t-1] + x[t])"
NAMED = (STEP, "E[t] = ell[t](h[t])", "loss = sum(t, 1, T, E[t])")
CELLS = {
    "left out": (STEP,),
    "a sum": (STEP, "loss = sum(t, 1, T, ell[t](h[t]))"),
    "a mean": (STEP, "loss = 1/T * sum(t, 1, T, ell[t](h[t]))"),
    "a sum in LaTeX": (r"h_t = \tanh(W h_{t-1} + x_t)", r"L = \sum_{t=1}^T \ell_t(h_t)"),
    "named": NAMED,
}


@pytest.mark.parametrize(
    "asked", ["dE[t]/dh[t]", r"\frac{\partial E_t}{\partial W}", "dE[T]/dh[k]"]
)
@pytest.mark.parametrize("name", CELLS)
def test_the_terms_of_the_loss_have_a_name(name: str, asked: str) -> None:
    found = query(CELLS[name], asked).formulas
    assert found == query(NAMED, asked).formulas
    assert found[0].left.numerator.name == "E"


@pytest.mark.parametrize(
    "loss", ["ell(h[T])", "sum(t, 1, T, ell(h[t])) + sum(t, 1, T, dot(h[t], x[t]))"]
)
def test_a_loss_that_is_no_single_sum_has_no_terms(loss: str) -> None:
    with pytest.raises(InputError, match=r"it has no E\[t\]") as caught:
        query((STEP, f"loss = {loss}"), "dE[t]/dh[t]")
    assert caught.value.remedy
