"""The loss of one step in queries, where the cell names only the whole loss, or none."""

from __future__ import annotations

import pytest

from derivations.answers import query
from derivations.errors import InputError
from derivations.render.text import text as printed
from verify.checking import check

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


@pytest.mark.parametrize(
    "asked", ["dell[t]/dh[t]", "dell_t/dh_t", r"\frac{\partial \ell_t}{\partial h_t}", "dL_t/dh_t"]
)
def test_the_loss_function_of_a_step_stands_for_its_value(asked: str) -> None:
    found = query(CELLS["left out"], asked).formulas
    assert [printed(f.left) for f in found] == ["dL[t]/dh[t]"]
    assert [printed(f.right) for f in found] == ["dell[t]/dh(h[t])"]


def test_the_function_that_the_loss_is_stands_for_it() -> None:
    found = query((STEP, "loss = ell(h[T])"), "dell/dh[T]").formulas
    assert [printed(f.left) for f in found] == ["dL/dh[T]"]


def test_a_function_in_the_loss_is_no_variable() -> None:
    with pytest.raises(InputError, match="no variable ell") as caught:
        query((STEP, "loss = 2 * ell(h[T])"), "dell/dh[T]")
    assert "give its value a name" in caught.value.remedy


CLAIM = r"""\frac{\partial E_t}{\partial W} = \sum_{k=1}^{t} \frac{\partial E_t}{\partial h_t}
\frac{\partial h_t}{\partial h_k} \frac{\partial^{+} h_k}{\partial W}"""
"""Pascanu, Mikolov and Bengio 2013, equation 4."""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (CLAIM, "correct"),
        (CLAIM.replace("{k=1}", "{k=2}"), "conditional"),  # h_0 = 0 makes the first term vanish
        (CLAIM.replace("^{t}", "^{t-1}"), "wrong"),
        ("dL_t/dh_k = dell[t]/dh(h[t]) @ prod(j, k+1, t, diag(1 - h[j] * h[j]) @ W)", "correct"),
    ],
)
def test_claims_about_the_loss_of_a_step(claim: str, verdict: str) -> None:
    assert check(CELLS["left out"], claim, ("exact",), mend=False).verdict == verdict
