"""Names and functions that LaTeX tells apart by their case, alphabet or spacing."""

from __future__ import annotations

import pytest

from derivations.functions import FUNCTIONS, lookup
from derivations.language import parse_cell, parse_query
from derivations.language.tree import Binary, Call
from derivations.loading import load
from derivations.render.names import latex_name
from derivations.typing.builtins import BUILTINS

SAME = [
    (r"y_t = \operatorname{LN}(x_t)", "y[t] = LN(x[t])"),
    (r"y_t = \mathrm{LayerNorm}(x_t)", "y[t] = LayerNorm(x[t])"),
    (r"y_t = \operatorname{Norm}(x_t)", "y[t] = Norm(x[t])"),
    (r"y_t = \ln(x_t)", "y[t] = log(x[t])"),
    (r"y_t = \operatorname{ln}(x_t)", "y[t] = log(x[t])"),
    (r"y_t = \operatorname{ReLU}(x_t)", "y[t] = relu(x[t])"),
    (r"y_t = \mathrm{Softmax}(x_t)", "y[t] = softmax(x[t])"),
    (r"y_t = \mathcal{W}_{hh} x_t + W x_t", "y[t] = W_cal_hh @ x[t] + W @ x[t]"),
    (r"y_t = \mathcal W^\top x_t", "y[t] = W_cal.T @ x[t]"),
    (r"y_t = \mathfrak{W} \mathbf{x}_t + \mathbb{W} x_t", "y[t] = W_frak @ x[t] + W_bb @ x[t]"),
    (r"y^{(t)} = x^{(t)\top} W x^{(t-1)}", "y[t] = x[t].T @ W @ x[t-1]"),
    (r"y^{(t)} = x^{(t)T} W x^{(t-1)}", "y[t] = x[t].T @ W @ x[t-1]"),
    (r"y^{<t>} = \mathbf{x}^{<t>\top} W x^{<t-1>}", "y[t] = x[t].T @ W @ x[t-1]"),
    (r"h_t = h_{t-1} + \Delta t\, \tanh(W h_{t-1})", "h[t] = h[t-1] + Delta_t @ tanh(W @ h[t-1])"),
    (r"h_t = h_{t-1} + dt (W h_{t-1})", "h[t] = h[t-1] + dt @ (W @ h[t-1])"),
    (r"h_t = \frac{\delta t}{\tau} h_{t-1}", "h[t] = delta_t / tau @ h[t-1]"),
    (r"h_t = \Delta_t \odot h_{t-1}", "h[t] = Delta[t] * h[t-1]"),
    (r"\mathcal{L} = \ell(h_T)", "loss = ell(h[T])"),
    (r"y_t = W^{(hx)} x_t + W^{(S)} x_{t-1}", "y[t] = W_hx @ x[t] + W_S @ x[t-1]"),
    (r"y_t = \langle x_t, W x_{t-1} \rangle", "y[t] = dot(x[t], W @ x[t-1])"),
    (r"L = \sum_t L_t(h_t)", "L = sum(t, 1, T, L[t](h[t]))"),
    (r"\mathcal{L} = \sum_t \mathcal{L}_t(h_t, y_t)", "L = sum(t, 1, T, L[t](h[t], y[t]))"),
    (r"y_t = leaky_relu(W x_t, 1/10)", "y[t] = leaky_relu(W @ x[t], 1/10)"),
    (r"y_t = Leaky_ReLU (W x_t, 1/10)", "y[t] = leaky_relu(W @ x[t], 1/10)"),
    (r"y_t = leaky\_relu\left(W x_t, 1/10\right)", "y[t] = leaky_relu(W @ x[t], 1/10)"),
    (r"y_t = W hard_tanh \big(x_t\big) b", "y[t] = W @ hard_tanh(x[t]) @ b"),
    (r"y_t = tanh^2(x_t) + \exp x_t", "y[t] = tanh(x[t]) ** 2 + exp(x[t])"),
]


@pytest.mark.parametrize(("latex", "text"), SAME)
def test_latex_reads_as_the_text(latex: str, text: str) -> None:
    assert parse_cell([latex]) == parse_cell([text])


# "rows" and "tangent" are names inside; sigma is the Greek letter.
WORDS = sorted(
    ({name for row in FUNCTIONS.values() for name in (row.name, *row.aliases)} | BUILTINS.keys())
    - {"rows", "tangent", "sigma"}
)


@pytest.mark.parametrize("word", WORDS)
def test_a_function_word_typed_plainly_is_the_function(word: str) -> None:
    (equation,) = parse_cell([rf"y_t = \alpha + {word}(W x_t)"]).equations
    assert isinstance(equation.value, Binary)
    called = equation.value.right
    assert isinstance(called, Call)
    assert lookup(called.function) == lookup(word)
    assert called.function == word or word not in BUILTINS


def test_a_calligraphic_name_reads_back() -> None:
    cell = parse_cell([r"h_t = \tanh(\mathcal{W}_{hh} h_{t-1} + W x_t)"])
    printed = rf"\frac{{\partial L}}{{\partial {latex_name('W_cal_hh')}}}"
    assert parse_query(printed, cell) == parse_query("dL/dW_cal_hh", cell)
    names = load([r"h_t = \mathcal{W} h_{t-1} + W x_t"]).cell.templates
    assert {"W_cal", "W"} <= set(names)


@pytest.mark.parametrize(("name", "printed"), [("Delta_t", r"\Delta t"), ("dt", "dt")])
def test_the_length_of_a_step_is_a_scalar_that_reads_back(name: str, printed: str) -> None:
    assert latex_name(name) == printed
    compiled = load([rf"h_t = h_{{t-1}} + {printed} \, W h_{{t-1}}"])
    assert compiled.cell.templates[name].shape == (1, 1)
