"""Notes on notation: one for what occurs, in the formats where it is spelled."""

from __future__ import annotations

import re

import pytest

from derivations.answers import query
from derivations.pipeline import derive
from derivations.render import render, render_formulas

RNN = ("h[t] = tanh(W @ h[t-1] + x[t])",)
TWO = ("h[t] = tanh(W @ h[t-1] + V @ h[t-2] + x[t])",)
QUERIES = [
    (RNN, "dh[T]/dW", r"kron\(.*\) is a Kronecker product", r"\\otimes .*is a Kronecker product"),
    (RNN, "dh[T]/dW", r"eye\(n\) is the identity matrix", None),
    (TWO, "dh[T]/dh[k]", r"zeros\(n, n\) is a matrix of zeros", None),
    (TWO, "dh[T]/dh[k]", r"hstack\(a, b\) puts blocks side by side", None),
    (
        ("S[t] = tanh(A @ S[t-1] @ B)",),
        "dL/dS[t]",
        "stands for any differentiable loss",
        "any diff",
    ),
]


@pytest.mark.parametrize(("cell", "asked", "text", "latex"), QUERIES)
def test_what_occurs_is_explained(
    cell: tuple[str, ...], asked: str, text: str, latex: str | None
) -> None:
    answer = query(cell, asked)
    formulas = (*answer.formulas, *answer.where)
    assert re.search(text, render_formulas(formulas, "text"))
    drawn = render_formulas(formulas, "latex")
    assert (
        re.search(latex, drawn) if latex else not re.search("identity matrix|side by side", drawn)
    )


def test_slopes_are_explained_where_they_stand() -> None:
    assert "is the slope of" in render(derive("rnn"), "text")
    assert "is the slope of" not in render_formulas(query("rnn", "dL/dW_hh").formulas, "text")


@pytest.mark.parametrize(
    ("equation", "note"),
    [
        ("h[t] = leaky_relu(h[t-1], p)", "jumps: at 0 it is the slope from the right"),
        ("h[t] = relu(h[t-1])", "jumps: at 0 it is the slope from the left"),
        ("h[t] = hard_tanh(h[t-1])", "at -1 it is the slope from the right and at 1 it is"),
        ("h[t] = max(h[t-1], x[t])", "Where its arguments are equal"),
        ("h[t] = step(h[t-1])", "is 0 wherever there is one"),
    ],
)
def test_which_slope_is_meant_at_a_kink_is_said(equation: str, note: str) -> None:
    assert note in " ".join(render(derive([equation]), "text").split())
    smooth = render(derive([equation.split("=")[0] + "= tanh(h[t-1])"]), "text")
    assert "jumps" not in smooth and "wherever there is one" not in smooth


@pytest.mark.parametrize("format_", ["latex", "text", "markdown"])
def test_reasons_are_sentences(format_: str) -> None:
    derivation = derive("lstm")
    printed = " ".join(render(derivation, format_).split())
    for step in derivation.steps:
        if step.rule and not step.why.endswith("}"):  # a name is printed in another way
            assert f"{step.rule[0].upper()}{step.rule[1:6]}" in printed
            last = re.findall(r"[a-z]+", step.why)[-1]
            assert f"{last}." in printed


def test_a_backward_product_is_transposed_once() -> None:
    printed = render(derive(["h[t] = tanh(W @ h[t+1] + V @ h[t+2] + x[t])"]), "latex")
    assert r"\right)^{\top}\right)^{\top}" not in printed


def test_a_short_product_stays_on_its_line() -> None:
    for name in ("rnn", "bi-rnn", "rnn-deep", "gru"):
        assert r"\quad \cdot" not in render(derive(name), "latex")


def test_a_long_product_is_cut_between_factors() -> None:
    rows = render(derive("lstm-peephole"), "latex").splitlines()
    cut = [row for row in rows if r"\quad \cdot" in row]
    assert cut
    assert all(row.lstrip("&").strip().startswith(r"\quad \cdot") for row in cut)
