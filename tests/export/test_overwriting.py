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


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def always(module: ModuleType) -> ModuleType:
    """The module, which writes over arrays of any size."""
    module.__dict__["scan_over"] = partial(module.scan_over, least=0)
    return module


@pytest.mark.parametrize("cell", ["lstm", CHEAP], ids=["lstm", "cheap"])
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


def test_no_step_copies_the_array(tmp_path: Path) -> None:
    module = module_of(source(planned(load("lstm"), "jax"), "jax"), tmp_path)
    params = module.init_params(jax.random.key(0), n=256, m=256)
    data = {"x": jnp.ones((50, 64, 256), jnp.float32)}
    run = jax.jit(partial(module.loss_and_grad, ell=lambda t, h: (h**2).sum()))
    text = run.lower(params, data).compile().as_text()
    assert "f32[50,64,1024]" in text
    assert not re.findall(r"f32\[50,64,1024\]\S* copy\(", text)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm-peephole"])
def test_arrays_that_do_not_fit_stay(cell: str) -> None:
    both = (source(planned(load(cell), "jax", Choices(w)), "jax") for w in ((), (NAME,)))
    assert len({*both}) == 1
