"""Linear recurrences found by doubling, where the cell makes them, and nowhere else."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from derivations.loading import load
from derivations.program.blocks import Doubling
from derivations.program.choices import Choices
from derivations.render.code import export, planned, source
from tests.export.running import (
    Arguments,
    Point,
    compiled,
    module_of,
    relative_error,
    run_by_numpy,
)

EXACT = 1e-12
GATED = ["z[t] = sigmoid(W @ x[t])", "h[t] = (1 - z[t]) * h[t-1] + z[t] * tanh(U @ x[t])"]
DECAYING = ["h[t] = a * h[t-1] + W @ x[t]", "p[t] = C @ tanh(h[t])",
            "loss = sum(t, 1, T, squared_error(p[t], y[t]))"]  # fmt: skip
BACKWARD = ["h[t] = a * (h[t+1] + tanh(W @ x[t]))"]
CELLS = {"gated": GATED, "decaying": DECAYING, "backward": BACKWARD}


@pytest.fixture(params=[*CELLS])
def cell(request: pytest.FixtureRequest) -> list[str]:
    return CELLS[request.param]


def plan_of(cell: list[str], to: str, *without: str) -> Any:
    return planned(load(cell), to, Choices(without))


def test_both_directions_are_found_by_doubling(cell: list[str]) -> None:
    plan = plan_of(cell, "numpy")
    roles = {
        plan.own.program.values[block.name].role
        for block in plan.own.program.blocks
        if isinstance(block, Doubling)
    }
    assert roles == {"forward", "adjoint"}


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn-sigmoid-pre", "attention-decoder"])
def test_a_loop_that_is_not_linear_stays_a_loop(name: str) -> None:
    plan = planned(compiled(name), "numpy")
    assert not any(isinstance(block, Doubling) for block in plan.own.program.blocks)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_gradients_are_the_derived_ones(cell: list[str], length: int, tmp_path: Path) -> None:
    plan = plan_of(cell, "numpy")
    exported = module_of(source(plan, "numpy"), tmp_path)
    point = Point(plan.cell, plan.own.program.values, length)
    given = Arguments(exported, plan, point)
    functions = given.functions("loss_and_grad")
    value, found = exported.loss_and_grad(given.params, given.data, **functions)
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in found.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


@pytest.mark.parametrize(
    ("name", "to"), [("gated", "jax"), *((c, to) for c in CELLS for to in ("numpy", "torch"))]
)
def test_both_ways_give_the_same(
    name: str, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(to)
    text = source(plan_of(CELLS[name], to), to)
    assert "recurrence(" in text
    one = module_of(text, tmp_path, "chosen")
    other = module_of(text.replace("> 128", "< 0"), tmp_path, "doubled")
    loop = module_of(text.replace("> 128", ">= 0"), tmp_path, "loop")
    # What JAX differentiates is run by NumPy: compiling it takes longer than all the rest.
    monkeypatch.setattr(jax, "jit", lambda function: partial(run_by_numpy, function))
    with jax.enable_x64(True):
        assert max(m.check() for m in (one, other, loop)) < (1e-6 if to == "numpy" else EXACT)
        monkeypatch.setattr(jax, "default_backend", lambda: "tpu")
        assert to != "jax" or other.check() < EXACT


@pytest.mark.parametrize("choice", [{"checkpoint": 2}, {"window": 3}])
@pytest.mark.parametrize("equations", [GATED, DECAYING])
def test_it_goes_with_the_other_choices(
    equations: list[str], choice: dict[str, int], tmp_path: Path
) -> None:
    assert module_of(export(equations, "numpy", **choice), tmp_path).check() < 1e-6
