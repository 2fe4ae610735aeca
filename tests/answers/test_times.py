"""Queries about fixed times say for which lengths they hold, and their letters mean one thing."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Symbol, oo

from derivations.answers import query
from derivations.derivation import Formula
from derivations.deriver import Deriver
from derivations.errors import InputError
from derivations.loading import load
from derivations.render.layout import text_lines
from derivations.render.style import Style
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System

T = Symbol("T", integer=True)
CELLS = {
    "two delays": "h[t] = tanh(W @ h[t-1] + V @ h[t-2] + U @ x[t])",
    "backward": "h[t] = tanh(W @ h[t+1] + U @ x[t])",
    "loss at the end": "h[t] = tanh(W @ h[t-1] + U @ h[t-3] + x[t])\nloss = ell(h[T])",
    "first step apart": "h[1] = tanh(U @ x[1])\nh[t] = tanh(W @ h[t-1] + U @ x[t])",
}
LENGTHS = range(1, 8)


def _applies(formula: Formula, length: int) -> bool:
    """Whether a formula about a fixed time is said of sequences of a length."""
    return all(
        r.index == T and r.lower <= length and (r.upper == oo or length <= r.upper)
        for r in formula.domain
    )


def _values(key: tuple[object, ...]) -> np.ndarray:
    seed = [ord(c) for c in str(key[1])] + [int(step) + 9 for step in key[2:]]
    shape = (3, 1) if key[1] in ("h", "x") else (3, 3)
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("form", ["adjoint", "closed"])
@pytest.mark.parametrize("step", ["0", "1", "2", "5", "T", "T-1", "T-2"])
@pytest.mark.parametrize("name", CELLS)
def test_one_formula_for_each_length(name: str, step: str, form: str) -> None:
    cell = load(CELLS[name].split("\n")).cell
    if name == "backward" and step == "0":
        with pytest.raises(InputError, match="at no time"):
            query(CELLS[name].split("\n"), "dL/dh[0]")
        return
    formulas = query(CELLS[name].split("\n"), f"dL/dh[{step}]", form).formulas
    everything = (*cell.definitions, *Deriver(cell).adjoints.values())
    for length in LENGTHS:
        time = length - int(step[2:] or 0) if step.startswith("T") else int(step)
        saying = [f for f in formulas if _applies(f, length)]
        ends, sizes = {T: length}, dict.fromkeys(cell.sizes, 3)
        system = System(everything, NumpyArithmetic(), ends, sizes, _values)
        sought = formulas[0].left.at([Integer(time)])
        if saying:
            (formula,) = saying
            found, expected = system.evaluate(formula.right), system.evaluate(sought)
            assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
        else:
            assert not 1 <= time <= length or not system.evaluate(sought).any()


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (
            "dL/dh[0]",
            "dL/dh[0] = W.T @ dL/da_h[1] + V.T @ dL/da_h[2]    (2 <= T)\n"
            "dL/dh[0] = W.T @ dL/da_h[1]    (T = 1)",
        ),
        ("dL/dx[2]", "dL/dx[2] = U.T @ dL/da_h[2]    (2 <= T)"),
        ("dh[k]/dh[T]", "dh[T]/dh[T] = eye(n)"),
        ("dh[4]/dh[3]", "dh[4]/dh[3] = diag(1 - h[4] * h[4]) @ W    (4 <= T)"),
        ("dh[T]/dh[T-1]", "dh[T]/dh[T-1] = diag(1 - h[T] * h[T]) @ W"),
    ],
)
def test_lengths_are_printed(asked: str, lines: str) -> None:
    formulas = query([CELLS["two delays"]], asked).formulas
    assert "\n".join(line for f in formulas for line in text_lines(f, Style())) == lines


@pytest.mark.parametrize(
    ("equation", "asked", "column"),
    [
        ("h[t] = tanh(W @ h[t-1] + k * x[t])", "dh[T]/dh[k]", 10),
        ("h[t] = tanh(W @ h[t-1] + i * x[t])", "dL/dW[i,j]", 7),
        ("h[t] = tanh(W @ h[t-1] + k * x[t])", r"\frac{\partial h_T}{\partial h_k}", None),
    ],
)
def test_a_variable_does_not_count(equation: str, asked: str, column: int | None) -> None:
    with pytest.raises(InputError, match="is a variable of the cell") as caught:
        query([equation], asked)
    assert caught.value.remedy
    assert column is None or caught.value.span.column == column


def test_a_size_gives_way_to_a_letter_of_the_query() -> None:
    (formula,) = query(["h[t] = tanh(W @ h[t-1] + x[t])"], "dh[n]/dW").formulas
    sizes = {str(size) for size in formula.left.shape}
    assert "n" not in sizes
    assert all("n" not in str(symbol) for extent in formula.left.shape for symbol in extent.atoms())
