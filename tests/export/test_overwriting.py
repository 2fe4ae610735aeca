"""Loops that write over what they have read: the same numbers, and nothing copied at a step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from derivations.loading import load
from derivations.program.choices import Choices
from derivations.program.overwriting import NAME
from derivations.render.code import planned, source
from tests.export.running import Arguments, Point, module_of, relative_error

EXACT = 1e-12
CHEAP = [
    "p[t] = relu(W @ x[t] + U @ h[t-1] + b)",
    "q[t] = sigmoid(V @ x[t] + S @ h[t-1] + d)",
    "h[t] = p[t] * h[t-1] + q[t]",
    "loss = sum(t, 1, T, squared_error(h[t], y[t]))",
]
"""What is kept is partly computed twice by compilers: it has to be written late."""
TWICE = [
    "p[t] = sigmoid(W @ x[t] + U @ h[t-1] + b)",
    "q[t] = p[t]",
    "r[t] = tanh(V @ x[t] + S @ h[t-1] + d)",
    "h[t] = p[t] * h[t-1] + q[t] * r[t] * p[t]",
    "loss = sum(t, 1, T, squared_error(h[t], y[t]))",
]
"""Two of the values that are kept are one and the same."""
NAMED = [line.replace("x[t]", "p_to_q[t]") for line in TWICE]
"""An input that is called as the array of these is."""


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def always(module: ModuleType) -> ModuleType:
    """The module, which writes over arrays of any size."""
    module.LIMITS.update(dict.fromkeys(module.LIMITS, 0))
    return module


@pytest.mark.parametrize(
    "cell", ["lstm", CHEAP, TWICE, NAMED], ids=["lstm", "cheap", "twice", "named"]
)
def test_the_gradients_are_the_derived_ones(cell: Any, tmp_path: Path) -> None:
    plan = planned(load(cell), "jax")
    module = always(module_of(source(plan, "jax"), tmp_path))
    point = Point(plan.cell, plan.own.program.values, 3)
    given = Arguments(module, plan, point)
    functions = given.jax_functions("loss_and_grad")
    run = jax.jit(lambda params: module.loss_and_grad(params, given.data, **functions))
    value, found = run(given.params)
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in found.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


def loss_and_grad(tmp_path: Path, *sizes: int) -> tuple[Any, Any, Any]:
    """The exported LSTM's gradients, with arguments of T, B and n."""
    steps, batch, size = sizes
    module = module_of(source(planned(load("lstm"), "jax"), "jax"), tmp_path)
    params = module.init_params(jax.random.key(0), n=size, m=size)
    data = {"x": jnp.ones((steps, batch, size), jnp.float32)}
    return partial(module.loss_and_grad, ell=lambda t, h: (h**2).sum()), params, data


@pytest.mark.parametrize("sizes", [(50, 64, 256), (20, 64, 128)], ids=str)
def test_no_step_copies_the_array(sizes: tuple[int, int, int], tmp_path: Path) -> None:
    run, *arguments = loss_and_grad(tmp_path, *sizes)
    text = jax.jit(run).lower(*arguments).compile().as_text()
    whole = re.escape("f32[{},{},{}]".format(*sizes[:2], 4 * sizes[2]))
    assert re.search(whole, text)
    assert not re.findall(rf"{whole}\S* copy\(", text)


@pytest.mark.parametrize(
    ("sizes", "over"),
    [
        ((40, 64, 128), True),
        ((1000, 64, 16), False),
        ((200, 1024, 16), False),
        ((9, 4, 512), False),
    ],
    ids=str,
)
def test_steps_of_little_work_write_to_an_array_of_their_own(
    sizes: tuple[int, int, int], over: bool, tmp_path: Path
) -> None:
    run, *arguments = loss_and_grad(tmp_path, *sizes)
    assert ("dynamic_update_slice" in str(jax.make_jaxpr(run)(*arguments))) is over


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm-peephole"])
def test_arrays_that_do_not_fit_stay(cell: str) -> None:
    both = (source(planned(load(cell), "jax", Choices(w)), "jax") for w in ((), (NAME,)))
    assert len({*both}) == 1
