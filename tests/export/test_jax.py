"""JAX exports: custom VJPs equal the derived form under jit, vmap, grad and scan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from derivations.catalogue import names
from derivations.render.code import exported
from tests.export.running import Arguments, Point, module_of, planned, relative_error
from verify.oracles.programs import traced

EXACT = 1e-12
RANDOM = ["0", "2", "9", "13", "26"]


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str) -> ModuleType:
        folder = tmp_path_factory.mktemp(f"cell{cell}".replace("-", "_"))
        return module_of(exported(planned(cell), "jax"), folder)

    return made


def run_by_numpy(function: Any, *arguments: Any) -> Any:
    """``function(*arguments)``, traced by JAX with its loops unrolled, but not compiled."""
    with jax.disable_jit():
        shape = jax.eval_shape(function, *arguments)
        leaves = traced(function, *arguments)
    return jax.tree.unflatten(jax.tree.structure(shape), leaves)


@pytest.mark.parametrize("cell", [*names(), *RANDOM])
def test_the_vjp_of_the_loss_is_the_derived_one(cell: str, module: Any) -> None:
    plan = planned(cell)
    point = Point(plan.cell, plan.own_all.program.values, 3)
    given = Arguments(module(cell), plan, point)
    functions, lengths = given.jax_functions("loss"), point.lengths()
    data = {name: x for name, x in given.data.items() if name not in lengths}

    def loss(params: Any, data: Any) -> Any:
        return module(cell).loss(params, {**data, **lengths}, **functions)

    value, found = run_by_numpy(jax.value_and_grad(loss, (0, 1)), given.params, data)
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in {**found[0], **found[1]}.items():
        if name in plan.own_all.gradients:
            assert relative_error(gradient, point.gradient(name)) < EXACT, name
        else:
            assert not np.any(gradient)
