"""NumPy exports: gradients equal the derived form, whatever the cell; mistakes are named."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from derivations.catalogue import names
from derivations.errors import MissingRule
from derivations.render.code import export, source
from tests.export.running import Arguments, Point, module_of, planned, relative_error

EXACT = 1e-12
RANDOM = [str(seed) for seed in (0, 2, 3, 6, 9, 13, 26, 65, 227)]
LENGTHS = (3, 1)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str) -> ModuleType:
        folder = tmp_path_factory.mktemp(f"cell{cell}".replace("-", "_"))
        return module_of(source(planned(cell, "numpy"), "numpy"), folder)

    return made


@pytest.mark.parametrize("cell", [*names(), *RANDOM])
def test_gradients_are_the_derived_ones(cell: str, module: Any) -> None:
    plan = planned(cell)
    for turn, length in enumerate(LENGTHS):
        point = Point(plan.cell, plan.own.program.values, length, turn)
        given = Arguments(module(cell), plan, point)
        value, gradients = module(cell).loss_and_grad(
            given.params, given.data, **given.functions("loss_and_grad")
        )
        assert relative_error(value, np.asarray(point.loss)) < EXACT
        assert gradients.keys() == plan.own.gradients.keys()
        for name, gradient in gradients.items():
            assert relative_error(gradient, point.gradient(name)) < EXACT, (name, length)


@pytest.mark.parametrize("cell", [*names(), *RANDOM])
def test_any_cotangent_is_pulled_back(cell: str, module: Any) -> None:
    plan = planned(cell)
    point = Point(plan.linear, plan.pulled.program.values, 3)
    given = Arguments(module(cell), plan, Point(plan.cell, plan.own.program.values, 3))
    outputs = module(cell).forward(
        given.params, given.inputs, given.starts, **given.functions("forward")
    )
    cotangents = {name: point.free(plan.cotangents[name]) for name in outputs}
    pulled = module(cell).forward_vjp(
        given.params, given.inputs, given.starts, cotangents, **given.functions("forward_vjp")
    )
    for name, value in outputs.items():
        assert relative_error(value, point.value(name)) < EXACT, name
    assert given.starts.keys() <= pulled.keys()
    for name, gradient in pulled.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


@pytest.mark.parametrize("cell", ["lstm", "attention-decoder-additive", "rnn-skip"])
def test_a_batch_adds_up(cell: str, module: Any) -> None:
    plan = planned(cell)
    given = Arguments(module(cell), plan, Point(plan.cell, plan.own.program.values, 3))
    functions = given.functions("loss_and_grad")
    tables = {**module(cell).GIVEN, **module(cell).STARTS}

    def examples(*which: float) -> dict[str, Any]:
        return {
            n: np.stack([k * x for k in which], len(tables[n][0])) if n in tables else x
            for n, x in given.data.items()
        }

    run = module(cell).loss_and_grad
    both, together = run(given.params, examples(1.0, 0.3), **functions)
    parts = [run(given.params, examples(k), **functions) for k in (1.0, 0.3)]
    assert relative_error(both, np.asarray(sum(value for value, _ in parts))) < EXACT
    for name, gradient in together.items():
        assert relative_error(gradient, sum(g[name] for _, g in parts)) < EXACT


@pytest.mark.parametrize("cell", ["lstm", "gru", "seq2seq-free"])
def test_saturated_gates_give_finite_gradients(cell: str, module: Any) -> None:
    plan = planned(cell)
    point = Point(plan.cell, plan.own.program.values, 3, regime="saturated")
    given = Arguments(module(cell), plan, point)
    params = {name: 100.0 * x for name, x in given.params.items()}
    run, functions = module(cell).loss_and_grad, given.functions("loss_and_grad")
    with np.errstate(all="raise", under="ignore"):
        value, gradients = run(params, given.data, **functions)
    assert np.isfinite(value)
    assert all(np.all(np.isfinite(g)) for g in gradients.values())


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda p, d: p.pop("W_hx"), KeyError, "W_hx"),
        (lambda p, d: p.update(W_xh=p["W_hx"]), KeyError, "W_xh"),
        (lambda p, d: d.pop("y"), KeyError, "y"),
        (lambda p, d: d.update(z0=d["h0"]), KeyError, "z0"),
        (lambda p, d: p.update(W_hx=p["W_hx"][:-1]), ValueError, "W_hx"),
        (lambda p, d: p.update(b_h=p["b_h"][:, None]), ValueError, "b_h"),
        (lambda p, d: d.update(x=d["x"][:-1]), ValueError, "x has an axis"),
        (lambda p, d: d.update(x=d["x"][0, 0]), ValueError, "x"),
        (lambda p, d: d.update(x=np.stack([d["x"]] * 2, 1)), ValueError, "y"),
        (lambda p, d: p.update(b_h=p["b_h"].astype(int)), TypeError, "b_h"),
        (lambda p, d: d.update(x=d["x"].astype(np.float32)), TypeError, "x"),
    ],
)
def test_what_does_not_fit_is_named(change: Any, error: type, said: str, module: Any) -> None:
    plan = planned("rnn")
    given = Arguments(module("rnn"), plan, Point(plan.cell, plan.own.program.values, 3))
    params, data = dict(given.params), given.data
    change(params, data)
    with pytest.raises(error, match=said):
        module("rnn").loss_and_grad(params, data)


def test_one_step_is_the_sequence_of_one(module: Any) -> None:
    plan = planned("rnn-skip")
    given = Arguments(module("rnn-skip"), plan, Point(plan.cell, plan.own.program.values, 2))
    exported_ = module("rnn-skip")
    whole = exported_.forward(given.params, given.inputs, given.starts)
    first, second = ({"x": given.given["x"][t]} for t in (0, 1))
    one = exported_.step(given.params, first, given.starts)
    two = exported_.step(given.params, second, {"h0": one["h"], "h_m1": given.starts["h0"]})
    assert relative_error(two["h"], whole["h"][1]) < EXACT
    above = {"h": np.ones_like(two["h"])}
    pulled = exported_.step_vjp(given.params, first, given.starts, above)
    assert pulled["x"].shape == first["x"].shape


def test_a_missing_rule_is_named() -> None:
    with pytest.raises(MissingRule, match=r"no fixed delay|delays along"):
        export(["h[s,t] = tanh(W @ h[s-1,t] + U @ h[s,t-1] + x[s,t])"], "numpy")


def test_names_of_the_equations_are_free(tmp_path: Path) -> None:
    """Whatever the variables are called, they are not taken for those of the code."""
    equations = [
        "h[t] = tanh(W @ h[t-1] + h_prev * x[t] + lambda)",
        "h_t[t] = values @ h[t] + dtype",
        "loss = sum(t, 1, T, squared_error(h_t[t], batch[t]))",
    ]
    module = module_of(export(equations, "numpy"), tmp_path)
    assert module.check() < 1e-6
    assert module.PARAMETERS.keys() == {"W", "h_prev", "lambda", "values", "dtype"}


LSTM_FROM_A_PAPER = r"""
  \mathbf{f}_t &= \sigma(\mathbf{W}_f \mathbf{x}_t + \mathbf{U}_f \mathbf{h}_{t-1} + \mathbf{b}_f) \\
  \tilde{\mathbf{c}}_t &= \tanh(\mathbf{W}_c \mathbf{x}_t + \mathbf{U}_c \mathbf{h}_{t-1}) \\
  \mathbf{c}_t &= \mathbf{f}_t \odot \mathbf{c}_{t-1} + (1 - \mathbf{f}_t) \odot \tilde{\mathbf{c}}_t \\
  \mathbf{h}_t &= \tanh(\mathbf{c}_t)
"""  # noqa: E501 — pasted as a paper prints it


def test_equations_pasted_from_a_paper_are_exported(tmp_path: Path) -> None:
    assert module_of(export([LSTM_FROM_A_PAPER], "numpy"), tmp_path).check() < 1e-6
