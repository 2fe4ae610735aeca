"""What the loss is called in print: nothing else in the cell has its name."""

from __future__ import annotations

import pytest

from derivations.answers import query
from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.loading import load
from derivations.render.layout import text_lines
from derivations.render.style import Style
from derivations.typing.statements import read_claim

STEP = "h[t] = tanh(W @ h[t-1] + x[t])"
NAMES = {
    "left out": ((STEP,), "L"),
    "named loss": ((STEP, "loss = ell(h[T])"), "L"),
    "the user's letter": ((STEP, "E = sum(t, 1, T, ell(h[t]))"), "E"),
    "the user's letter in LaTeX": ((r"h_t = \tanh(W h_{t-1})", r"\mathcal{E} = \ell(h_T)"), "E"),
    "its letter for each step": ((r"h_t = \tanh(W h_{t-1})", r"L = \sum_t L_t(h_t)"), "L"),
    "a loss of each step": ((STEP, "L[t] = ell(h[t])", "L = sum(t, 1, T, L[t])"), "L"),
    "a depth axis": (("h[l] = tanh(W @ h[l-1] + b)",), "J"),
    "a parameter L": (("h[t] = tanh(L @ h[t-1] + x[t])",), "J"),
    "parameters L and J": (("h[t] = tanh(L @ h[t-1] + J @ x[t])",), "E"),
    "every usual letter": (("h[t] = tanh(L @ J @ E @ h[t-1])",), "loss"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_has_a_name_of_its_own(name: str) -> None:
    lines, expected = NAMES[name]
    cell = load(lines).cell
    style = Style(displays=cell.displays)
    assert style.loss == expected
    others = {str(axis.upper) for axis in cell.axes} | {v.name for v in cell.parameters}
    assert style.loss not in others


@pytest.mark.parametrize("name", NAMES)
def test_printed_gradients_are_read_back(name: str) -> None:
    compiled = load(NAMES[name][0])
    parameter = compiled.cell.parameters[0].name
    loss = Style(displays=compiled.cell.displays).loss
    (formula,) = query(NAMES[name][0], f"d{loss}/d{parameter}").formulas
    line = " ".join(text_lines(formula, Style(displays=compiled.cell.displays)))
    claim = read_claim(compiled, line.split("    (")[0])
    assert claim.left == formula.left
    assert LOSS in str(claim.right) or claim.right == formula.right


def test_a_parameter_is_not_taken_for_the_loss() -> None:
    with pytest.raises(InputError, match="is a parameter of this cell") as caught:
        query(["h[t] = tanh(L @ h[t-1] + x[t])"], "dL/dh[t]")
    assert caught.value.remedy == "the loss is called J here: write dJ/…"
