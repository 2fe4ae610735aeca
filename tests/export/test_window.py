"""Truncated exports: each loss is followed over a window, and no further."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Integer

from derivations.cell import Definition, Piece, Range
from derivations.errors import InputError, MissingRule
from derivations.expressions.traverse import substitute
from derivations.loading import load
from derivations.program.choices import Choices
from derivations.program.plan import Plan
from derivations.program.segments import carried
from derivations.render.code import export, planned, source
from derivations.topics.truncation.window import KEPT, T, t, tau
from tests.export.running import (
    Arguments,
    Point,
    compiled,
    module_of,
    relative_error,
    run_by_numpy,
)
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System, variable

EXACT = 1e-12
STEPS = 6
LIBRARIES = ("numpy", "jax", "torch")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str, to: str, window: int | None) -> ModuleType:
        plan = planned(compiled(cell), to, Choices(window=window))
        return module_of(source(plan, to), tmp_path_factory.mktemp(to))

    return made


def pulled_by_windows(
    plain: ModuleType, plan: Plan, given: Arguments, outputs: Any, cotangents: Any, window: int
) -> dict[str, Any]:
    """The pullback of each step's cotangent through its last steps; what is before is constant."""
    functions = given.functions("forward_vjp")
    origin = carried(plan.pulled.program.values)
    values = {**given.inputs, **outputs}
    start_at = {place: given.starts[name] for name, place in origin.items()}
    found: dict[str, Any] = {}
    for last in range(1, STEPS + 1):
        before = max(0, last - window)
        inputs = {n: x[before:last] for n, x in given.inputs.items() if n != "T"}
        starts = {
            name: values[owner][before - back - 1]
            if before > back
            else start_at[owner, back - before]
            for name, (owner, back) in origin.items()
        }
        above = {name: np.zeros_like(g[before:last]) for name, g in cotangents.items()}
        for name, g in cotangents.items():
            above[name][-1] = g[last - 1]
        inputs["T"] = last - before
        pulled = plain.forward_vjp(given.params, inputs, starts, above, **functions)
        for name, x in pulled.items():
            if name in inputs:
                whole = np.zeros((STEPS, *x.shape[1:]))
                whole[before:last] = x
                found[name] = found.get(name, 0.0) + whole
            else:
                found[name] = found.get(name, 0.0) + x
    return found


@pytest.mark.parametrize("cell", ["lstm", "rnn-skip", "rnn-deep", "gru", "rnn-sigmoid-pre"])
@pytest.mark.parametrize("window", [1, 2, STEPS])
def test_each_cotangent_is_pulled_back_through_its_window(
    cell: str, window: int, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(compiled(cell), "numpy")
    truncated, plain = module(cell, "numpy", 3), module(cell, "numpy", None)
    monkeypatch.setattr(truncated, "WINDOW", window)
    given = Arguments(plain, plan, Point(plan.cell, plan.own.program.values, STEPS))
    functions = given.functions("forward")
    outputs = plain.forward(given.params, given.inputs, given.starts, **functions)
    generator = np.random.default_rng(1)
    cotangents = {name: generator.standard_normal(x.shape) for name, x in outputs.items()}
    found = truncated.forward_vjp(
        given.params, given.inputs, given.starts, cotangents, **given.functions("forward_vjp")
    )
    expected = pulled_by_windows(plain, plan, given, outputs, cotangents, window)
    for name in (*given.params, "x"):
        assert relative_error(found[name], expected[name]) < EXACT, name


@pytest.mark.parametrize("to", LIBRARIES)
def test_a_state_before_the_window_is_a_constant(to: str, module: Any) -> None:
    """Autodiff with the state before each window stopped, of the equations as typed."""
    plan, window = planned(compiled("rnn"), "numpy"), 2
    exported = module("rnn", to, window)
    given = Arguments(exported, plan, Point(plan.cell, plan.own.program.values, STEPS))
    data = {name: x for name, x in given.data.items() if name != "T"}

    def loss(p: Any, h0: Any) -> Any:
        def state(before: Any, x: Any) -> Any:
            return jnp.tanh(p["W_hh"] @ before + p["W_hx"] @ x + p["b_h"])

        states, added = [h0], 0.0
        for step in range(STEPS):
            states.append(state(states[-1], data["x"][step]))
        for last in range(1, STEPS + 1):
            before = max(0, last - window)
            h = jax.lax.stop_gradient(states[before]) if last - window >= 0 else states[before]
            for step in range(before, last):
                h = state(h, data["x"][step])
            logits = p["W_ph"] @ h + p["b_p"]
            added -= data["y"][last - 1] @ jax.nn.log_softmax(logits)
        return added

    params = given.params
    with jax.enable_x64(True):
        expected, (gradients, at_start) = run_by_numpy(
            jax.value_and_grad(loss, (0, 1)), params, data["h0"]
        )
        if to == "torch":
            import torch

            tensors = [{n: torch.tensor(x) for n, x in d.items()} for d in (params, data)]
            value, found = exported.loss_and_grad(*tensors)
        elif to == "jax":
            value, found = run_by_numpy(exported.loss_and_grad, params, data)
            starts = jax.grad(lambda h: exported.loss(params, {**data, "h0": h}))
            assert relative_error(run_by_numpy(starts, data["h0"]), at_start) < EXACT
        else:
            value, found = exported.loss_and_grad(params, data)
    assert relative_error(value, expected) < EXACT
    for name, gradient in gradients.items():
        assert relative_error(found[name], gradient) < EXACT, name


@pytest.mark.parametrize("window", [1, 2, 3])
def test_the_gradient_is_the_truncated_one_that_is_derived(window: int, tmp_path: Any) -> None:
    """Σ over t of what the topic keeps of the gradient, for h_t = C_t h_{t−1} + w x_t."""
    cell = ["C[t]: n x n", "w: n", "x[t]: scalar", "h[t] = C[t] @ h[t-1] + w * x[t]",
            "loss = sum(t, 1, T, dot(y[t], h[t]))"]  # fmt: skip
    exported = module_of(export(cell, "numpy", window=window), tmp_path)
    rng, size = np.random.default_rng(0), 3
    factors, seen = rng.standard_normal((STEPS, size, size)), rng.standard_normal(STEPS)
    above = rng.standard_normal((STEPS, size))
    data = {"C": factors, "x": seen, "y": above}
    _, found = exported.loss_and_grad({"w": rng.standard_normal(size)}, data)

    def given(leaf: tuple[str, str, int]) -> np.ndarray:
        _, name, step = leaf
        if step < 1:
            return np.zeros((size, size if name == "C" else 1))
        # ∂⁺h_i/∂w = x_i I, column by column.
        return factors[step - 1] if name == "C" else seen[step - 1] * column

    value = substitute(KEPT.pieces[0].value, {tau: Integer(window)})
    equation = Definition(KEPT.target, (Piece(value, (Range(t, Integer(1), T),)),))
    sizes = dict.fromkeys(KEPT.target.shape[0].free_symbols, size)
    for k in range(size):
        column = np.eye(size)[:, [k]]
        system = System([equation], NumpyArithmetic(seed=0), {T: STEPS}, sizes, given)
        kept = [system.value(variable(KEPT.name, step))[:, 0] for step in range(1, STEPS + 1)]
        assert relative_error(found["w"][k], np.sum(above * kept)) < EXACT


@pytest.mark.parametrize("cell", ["bi-rnn", "seq2seq"])
def test_what_has_no_window_is_named(cell: str) -> None:
    with pytest.raises(MissingRule, match="truncation"):
        export(cell, "numpy", window=2)


def test_a_window_of_no_steps_is_refused() -> None:
    with pytest.raises(InputError, match="window"):
        export("rnn", "numpy", window=0)
    with pytest.raises(InputError, match="at once"):
        export("rnn", "numpy", window=2, checkpoint="sqrt")


def test_an_equation_before_the_first_step_is_reached_or_refused(tmp_path: Path) -> None:
    cell = [
        "h[0] = tanh(V @ z)",
        "h[t] = tanh(A @ h[t-1] + W @ x[t])",
        "loss = sum(t, 1, T, sum(h[t]))",
    ]
    assert module_of(export(cell, "numpy", window=3), tmp_path).check() < 1e-6
    rnn, long = load("rnn"), Choices(window=9)
    plain, truncated = (
        module_of(source(planned(rnn, "numpy", c), "numpy"), tmp_path, f"by{c.window}")
        for c in (Choices(), long)
    )
    params, data = plain.example(np.random.default_rng(0).random)
    above = {"p": np.ones((4, 2, len(params["b_p"])))}
    both = [m.forward_vjp(params, {"x": data["x"]}, None, above)["h0"] for m in (plain, truncated)]
    assert relative_error(both[1], both[0]) < EXACT
    with pytest.raises(MissingRule, match="an equation before the first of 1 steps"):
        export(cell, "numpy", window=1)
