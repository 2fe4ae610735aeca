"""Parameter counts: as formulas, against arrays that were drawn, and with a second bias."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations.catalogue import names
from derivations.counts import count
from derivations.counts.report import counts_text
from derivations.counts.sizes import read_sizes
from derivations.errors import InputError
from verify.evaluate import variable
from verify.sampling import Sampler

READOUT = ["p[t] = V @ h[t] + b_p", "loss = sum(t, 1, T, cross_entropy(p[t], y[t]))"]
LSTM = [
    f"{gate}[t] = {function}(W_{gate} @ x[t] + U_{gate} @ h[t-1] + b_{gate})"
    for gate, function in zip("fiog", ["sigmoid"] * 3 + ["tanh"], strict=True)
] + ["c[t] = f[t] * c[t-1] + i[t] * g[t]", "h[t] = o[t] * tanh(c[t])"]


@settings(max_examples=5)
@pytest.mark.parametrize("name", names())
@given(data=st.data())
def test_the_formula_is_what_the_arrays_of_a_problem_hold(name: str, data: st.DataObject) -> None:
    counts = count(name)
    cell = counts.cell
    sizes = {size: data.draw(st.integers(1, 9), label=str(size)) for size in cell.sizes}
    sampler = Sampler(cell, sizes, {axis.upper: 3 for axis in cell.axes})
    drawn = {v.name: sampler(variable(v.name)).size for v in cell.parameters}
    for target in counts.parameters.targets:
        del drawn[target.name]
    assert counts.parameters.count.at(sizes).value == sum(drawn.values())
    shapes = [len(weights) for _, weights in counts.parameters.by_shape()]
    assert sum(shapes) == len(drawn)


@pytest.mark.parametrize(
    ("cell", "formula", "second"),
    [
        ("lstm", "4*(m*n + n**2 + n)", "4*n"),
        ("lstm-fused", "4*(m*n + n**2 + n)", "4*n"),
        ("gru", "3*(m*n + n**2 + n)", "3*n"),
        ("gru-reset-after", "3*(m*n + n**2) + 4*n", "2*n"),
        ("rnn", "n**2 + d*n + n + m*n + m", "n"),
        ("lstm-peephole", "4*(m*n + n**2) + 7*n", "4*n"),
        (["h[t] = tanh(W @ h[t-1] + U @ x[t])"], "n**2 + m*n", "0"),
        (["H[t] = tanh(X[t] @ W + H[t-1] @ U + b)", "b: 1 x n"], "n + m*n + n**2", "n"),
    ],
    ids=str,
)
def test_formulas_are_grouped_as_they_are_printed(cell, formula: str, second: str) -> None:
    found = count(cell).parameters
    assert found.count.text() == formula
    assert found.second_biases.text() == second


def test_an_lstm_with_a_readout_in_both_conventions() -> None:
    counts = count(LSTM + READOUT)
    names_ = {"h": "n", "x": "m", "p": "d"}
    templates = counts.cell.templates
    numbers = {"h": 128, "x": 1, "p": 10}
    sizes = {templates[v].shape[0]: numbers[v] for v in names_}
    found = counts.parameters
    assert found.count.at(sizes).value == 67850
    assert (found.count + found.second_biases).at(sizes).value == 68362


def test_a_target_is_no_parameter() -> None:
    found = count("rnn-leaky").parameters
    assert [v.name for v in found.targets] == ["y"]
    assert [v.name for v in found.weights] == ["p", "W", "B", "C"]


def test_what_is_used_elsewhere_is_no_target() -> None:
    cell = ["h[t] = tanh(W @ h[t-1] + b)", "loss = squared_error(h[T], b)"]
    assert not count(cell).parameters.targets


def test_sizes_that_are_given_leave_the_others_open() -> None:
    counts = count("lstm")
    text = counts_text(counts, read_sizes(counts.cell, ["n=128"]))
    assert "# Parameters: 4*(m*n + n**2 + n) = 512*m + 66048" in text.splitlines()


@pytest.mark.parametrize("given_", ["k=1", "n", "n=", "n=0", "n=-3", "n=x", "n=1.5", "=3", ""])
def test_what_gives_no_size_is_refused(given_: str) -> None:
    with pytest.raises(InputError, match="size"):
        read_sizes(count("lstm").cell, [given_])
