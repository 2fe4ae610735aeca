"""Recurrences whose step is a matrix: found by joining neighbours, where that is less work."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivations.catalogue import names
from derivations.loading import load
from derivations.program.blocks import Choice, Joined
from derivations.program.choices import Choices
from derivations.render.code import dialect_of, export, planned, source
from derivations.render.code.explanation import explained
from derivations.render.code.joining_helpers import joins
from tests.export.running import Arguments, Point, module_of, relative_error
from tests.export.running import planned as planned_once
from verify.oracles.programs import traced

EXACT = 1e-12
LOSS = "loss = sum(t, 1, T, squared_error(h[t], y[t]))"
CELLS = {
    "linear": ["h[t] = A @ h[t-1] + W @ x[t]", LOSS],
    "delayed": ["h[t] = A @ h[t-1] + B @ h[t-2] + W @ x[t]", LOSS],
    "two": [
        "h[t] = A @ h[t-1] + B @ c[t-1] + W @ x[t]",
        "c[t] = tanh(U @ x[t]) * c[t-1] + D @ h[t-1]", LOSS,
    ],
    "scalar": [
        "s[t] = tanh(a * s[t-1] + dot(w, h[t-1]) + b)",
        "h[t] = tanh(W @ x[t] + U @ h[t-1] + s[t] * v)", LOSS,
    ],
    "backward": ["h[t] = tanh(A @ h[t+1] + W @ x[t])", LOSS],
    "lstm": "lstm", "gru": "gru",
}  # fmt: skip
JOINED, LOOPED = (10**18, 0, 0), (0, 10**18, 0)


def every(cell: str, to: str, folder: Path, *without: str) -> tuple[Any, ModuleType]:
    plan = planned(load(CELLS.get(cell, cell)), to, Choices(without))
    return plan, module_of(source(plan, to), folder, f"{cell}_{to}".replace("-", "_"))


def choose(module: ModuleType, way: tuple[int, int, int]) -> None:
    module.OVERHEADS.update(dict.fromkeys(module.OVERHEADS, way))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Any, ModuleType]]:
    folder = tmp_path_factory.mktemp("joined")
    return cache(lambda cell, to: every(cell, to, folder))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("length", [1, 2, 5])
def test_joined_gradients_are_the_derived_ones(cell: str, length: int, exported: Any) -> None:
    plan, module = exported(cell, "numpy")
    choose(module, JOINED)
    point = Point(plan.cell, plan.own.program.values, length)
    at = Arguments(module, plan, point)
    value, found = module.loss_and_grad(at.params, at.data, **at.functions("loss_and_grad"))
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in found.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


@pytest.mark.parametrize("cell", ["two", "scalar"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(
    length=st.integers(1, 12),
    size=st.integers(1, 5),
    batch=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_both_ways_agree_at_any_size(
    cell: str, length: int, size: int, batch: int, seed: int, exported: Any
) -> None:
    _, module = exported(cell, "numpy")
    draw = np.random.default_rng(seed).standard_normal
    sizes = dict.fromkeys(module.SIZES, size)
    params = {
        name: 0.5 * draw([module.extent(e, sizes) for e in form])
        for name, form in module.PARAMETERS.items()
    }
    lead = [batch] if batch else []
    data = {
        name: draw([*(length for _ in times), *lead, *(module.extent(e, sizes) for e in form)])
        for name, (times, form) in {**module.GIVEN, **module.STARTS}.items()
    }
    ways = []
    for way in (LOOPED, JOINED):
        choose(module, way)
        ways.append(module.loss_and_grad(params, data)[1])
    for name, gradient in ways[0].items():
        assert relative_error(ways[1][name], gradient) < EXACT, name


def test_joined_gradients_are_those_of_autograd(exported: Any) -> None:
    pytest.importorskip("torch")
    _, module = exported("scalar", "torch")
    assert module.check() < EXACT


def test_joined_gradients_of_jax_are_the_derived_ones(exported: Any) -> None:
    plan, module = exported("scalar", "jax")
    choose(module, JOINED)
    point = Point(plan.cell, plan.own.program.values, 5)
    at = Arguments(module, plan, point)
    with jax.enable_x64(True), jax.disable_jit():
        found = traced(lambda p: module.loss_and_grad(p, at.data)[1], at.params)
    for name, gradient in zip(sorted(module.PARAMETERS), found, strict=True):
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


@given(steps=st.integers(1, 10**4), loop=st.integers(1, 10**6), join=st.integers(1, 10**6))
def test_it_joins_for_less_work_or_dearer_steps(steps: int, loop: int, join: int) -> None:
    def taken(begin: int) -> bool:
        return joins({"cpu": (begin, 0, 0)}, "cpu", steps, 2, (3,), loop, join, 0)

    assert taken(0) == (join < loop)
    assert taken(10**7) or not taken(0)
    assert taken(3 * join)


@pytest.mark.parametrize(("device", "joined"), [("cpu", 0), ("tpu", 2)])
def test_another_device_joins_what_a_processor_does_not(
    device: str, joined: int, exported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, module = exported("linear", "jax")
    calls: list[None] = []
    monkeypatch.setattr(module, "joined", lambda by, plus, *_: calls.append(None) or plus)
    monkeypatch.setattr(module, "OVERHEADS", dialect_of("jax").overheads)
    monkeypatch.setattr(jax, "default_backend", lambda: device)
    params, data = module.example(np.random.default_rng(0).random, 100)
    jax.eval_shape(lambda p: module.loss_and_grad(p, data), params)
    assert len(calls) == joined


@pytest.mark.parametrize("cell", names())
def test_every_choice_is_around_one_recurrence(cell: str) -> None:
    plan = planned_once(cell)
    for part in (plan.own, plan.pulled, plan.first):
        for block in part.program.blocks:
            if isinstance(block, Choice):
                assert sum(isinstance(inner, Joined) for inner in block.joined) == 1


def test_none_is_joined_without_the_rewrite(tmp_path: Path) -> None:
    for without, there in (((), True), (("join",), False)):
        _, module = every("lstm", "numpy", tmp_path, *without)
        assert hasattr(module, "joins") == there


def test_a_jacobian_that_is_never_formed_is_not_joined() -> None:
    plan = planned(load("rnn-generic"), "jax")
    assert not any(isinstance(b, Choice) for b in plan.own.program.blocks)


def test_a_step_of_very_many_paths_stays_a_loop() -> None:
    layers = [f"a{k + 1}[t] = a{k}[t] + tanh(W_{k} @ a{k}[t])" for k in range(11)]
    start = "a0[t] = h[t-1] + U @ x[t]"
    for count, joined in ((2, True), (11, False)):
        short = [start, *layers[:count], f"h[t] = a{count}[t]", LOSS]
        blocks = planned(load(short), "numpy").own.program.blocks
        assert any(isinstance(b, Choice) for b in blocks) == joined


def test_the_numbers_of_both_ways_are_printed() -> None:
    said = explained(CELLS["linear"], "jax", Choices())
    assert "  T*n**2 multiply-adds" in said
    assert "or joined: log2(T) rounds, log2(T)*n**3 + 2*T*n**2 multiply-adds," in said
    assert "4*n**2 bytes of matrices" in said
    assert "on an accelerator (estimated)" in said
    assert "joined" not in explained(CELLS["linear"], "jax", Choices(("join",)))


def test_it_goes_with_segments(tmp_path: Path) -> None:
    module = module_of(export(CELLS["two"], "numpy", checkpoint=2), tmp_path)
    assert module.check() < 1e-6
