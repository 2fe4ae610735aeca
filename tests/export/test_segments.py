"""Checkpointed exports: whatever the length of a segment, the gradients are the derived ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from derivations.catalogue import names
from derivations.errors import InputError, MissingRule
from derivations.program.choices import SQUARE_ROOT, Choices
from derivations.program.plan import Plan
from derivations.program.segments import segmented
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


def by_segments(cell: str) -> bool:
    """Whether the equations of a cell can be those of a segment."""
    try:
        segmented(compiled(cell).cell)
    except MissingRule:
        return False
    return not cell.startswith("bi-")


CELLS = [name for name in names() if by_segments(name)]
LIBRARIES = ("numpy", "jax", "torch")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str, to: str) -> tuple[Plan, ModuleType]:
        plan = planned(compiled(cell), to, Choices(checkpoint=SQUARE_ROOT))
        return plan, module_of(source(plan, to), tmp_path_factory.mktemp(to))

    return made


def found_by(exported: ModuleType, to: str, given: Arguments) -> tuple[Any, dict[str, Any]]:
    """The loss and the gradients of the parameters, with the arbitrary functions of a library."""
    if to == "jax":
        with jax.enable_x64(True):
            functions, steps = given.jax_functions("loss_and_grad"), given.inputs["T"]
            data = {name: x for name, x in given.data.items() if name != "T"}

            def run(params: Any, data: Any) -> Any:
                return exported.loss_and_grad(params, {**data, "T": steps}, **functions)

            return run_by_numpy(run, given.params, data)
    if to == "torch":
        import torch

        params, data = (
            {n: torch.tensor(x) if isinstance(x, np.ndarray) else x for n, x in arrays.items()}
            for arrays in (given.params, given.data)
        )
        return exported.loss_and_grad(params, data, **given.torch_functions("loss_and_grad"))
    return exported.loss_and_grad(given.params, given.data, **given.functions("loss_and_grad"))


@pytest.mark.parametrize(
    ("cell", "to"),
    [(cell, "numpy") for cell in CELLS]
    + [(cell, to) for cell in ("lstm", "rnn-skip") for to in ("jax", "torch")],
)
def test_gradients_are_the_derived_ones(
    cell: str, to: str, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, exported = module(cell, to)
    point = Point(plan.cell, plan.own.program.values, 7)
    given = Arguments(exported, plan, point)
    for length in (1, 3, SQUARE_ROOT, 20) if to == "numpy" else (3,):
        monkeypatch.setattr(exported, "SEGMENT", length)
        value, gradients = found_by(exported, to, given)
        assert relative_error(value, np.asarray(point.loss)) < EXACT
        for name, gradient in gradients.items():
            assert relative_error(gradient, point.gradient(name)) < EXACT, (name, length)


@pytest.mark.parametrize("cell", ["lstm", "rnn-skip"])
def test_any_cotangent_is_pulled_back(cell: str, module: Any) -> None:
    plan, exported = module(cell, "numpy")
    point = Point(plan.linear, plan.pulled.program.values, 5)
    given = Arguments(exported, plan, Point(plan.cell, plan.own.program.values, 5))
    outputs = exported.forward(given.params, given.inputs, given.starts)
    cotangents = {name: point.free(plan.cotangents[name]) for name in outputs}
    pulled = exported.forward_vjp(given.params, given.inputs, given.starts, cotangents)
    for name, value in outputs.items():
        assert relative_error(value, point.value(name)) < EXACT, name
    assert {*given.params, *given.starts, "x"} <= pulled.keys()
    for name, gradient in pulled.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


def test_less_is_stored(module: Any, tmp_path: Path) -> None:
    """The compiled program needs memory for a segment and the starts of all of them."""
    _, exported = module("lstm", "jax")
    plain = module_of(export("lstm", "jax"), tmp_path)
    shapes = {n: jax.ShapeDtypeStruct(tuple(8 for _ in f), "float32")
              for n, f in exported.PARAMETERS.items()}  # fmt: skip
    data = {"x": jax.ShapeDtypeStruct((400, 8), "float32")}

    def needed(one: ModuleType) -> int:
        run = jax.jit(lambda p, d: one.loss_and_grad(p, d, ell=lambda t, h: (h * h).sum()))
        return int(run.lower(shapes, data).compile().memory_analysis().temp_size_in_bytes)

    assert needed(exported) < 0.3 * needed(plain)


@pytest.mark.parametrize("cell", ["bi-rnn", "seq2seq", "multiplicative-unit"])
def test_what_has_no_segments_is_named(cell: str) -> None:
    with pytest.raises(MissingRule, match="checkpointing"):
        export(cell, "numpy", checkpoint="sqrt")


@pytest.mark.parametrize("length", ["0", "-3", "many", "1.5", 0])
def test_a_length_that_is_none_is_refused(length: Any) -> None:
    with pytest.raises(InputError, match="no length of segments"):
        export("rnn", "numpy", checkpoint=length)
