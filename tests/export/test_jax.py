"""JAX exports: custom VJPs equal the derived form under jit, vmap, grad and scan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from derivations.catalogue import names
from derivations.render.code import source
from tests.export.running import (
    Arguments,
    Point,
    module_of,
    planned,
    relative_error,
    run_by_numpy,
)

EXACT = 1e-12
RANDOM = ["9"]


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str) -> ModuleType:
        folder = tmp_path_factory.mktemp(f"cell{cell}".replace("-", "_"))
        return module_of(source(planned(cell, "jax"), "jax"), folder)

    return made


@pytest.mark.parametrize("cell", [*names(), *RANDOM])
def test_the_vjp_of_the_loss_is_the_derived_one(cell: str, module: Any) -> None:
    plan = planned(cell, "jax")
    point = Point(plan.cell, plan.own.program.values, 3)
    given = Arguments(module(cell), plan, point)
    functions, lengths = given.jax_functions("loss"), point.lengths()
    data = {name: x for name, x in given.data.items() if name not in lengths}

    def loss(params: Any, data: Any) -> Any:
        return module(cell).loss(params, {**data, **lengths}, **functions)

    value, found = run_by_numpy(jax.value_and_grad(loss, (0, 1)), given.params, data)
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in {**found[0], **found[1]}.items():
        if name in plan.own.gradients:
            assert relative_error(gradient, point.gradient(name)) < EXACT, name
        else:
            assert not np.any(gradient)


@pytest.fixture(scope="module")
def rnn(module: Any) -> tuple[ModuleType, dict[str, Any], dict[str, Any]]:
    plan = planned("rnn", "jax")
    given = Arguments(module("rnn"), plan, Point(plan.cell, plan.own.program.values, 3))
    return module("rnn"), given.params, {n: x for n, x in given.data.items() if n != "T"}


def test_the_loss_stands_under_jit_vmap_and_grad(rnn: Any) -> None:
    module, params, data = rnn
    expected = jax.jit(module.loss_and_grad)(params, data)[1]
    scales = jnp.array([1.0, 0.5])

    @jax.jit
    def outer(params: Any) -> Any:
        return jax.vmap(lambda s: module.loss(params, data) * s**2)(scales).sum()

    for name, gradient in jax.grad(outer)(params).items():
        assert relative_error(gradient, 1.25 * np.asarray(expected[name])) < EXACT


def test_a_batch_by_vmap_is_a_batch(rnn: Any) -> None:
    module, params, data = rnn
    batch = {n: jnp.stack([x, 0.3 * x], 1 if n in "xy" else 0) for n, x in data.items()}
    axes = {n: 1 if n in "xy" else 0 for n in data}
    one = jax.vmap(lambda d: module.loss(params, d), (axes,))
    together = jax.jit(lambda d: module.loss(params, d))(batch)
    assert jnp.allclose(together, jax.jit(one)(batch).sum(), rtol=EXACT)


def test_a_step_stands_in_a_scan(rnn: Any) -> None:
    module, params, data = rnn

    def by_steps(params: Any) -> Any:
        def each(h: Any, x: Any) -> tuple[Any, Any]:
            found = module.step(params, {"x": x}, {"h0": h})
            return found["h"], found["p"]

        return jnp.sum(jax.lax.scan(each, data["h0"], data["x"])[1] ** 2)

    def whole(params: Any) -> Any:
        return jnp.sum(module.forward(params, {"x": data["x"]}, {"h0": data["h0"]})["p"] ** 2)

    found, expected = jax.jit(jax.grad(by_steps))(params), jax.jit(jax.grad(whole))(params)
    for name in params:
        assert relative_error(found[name], np.asarray(expected[name])) < EXACT


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_a_short_type_stays_what_it_is(dtype: Any, rnn: Any) -> None:
    module, params, data = rnn
    short = [{n: jnp.asarray(x, dtype) for n, x in arrays.items()} for arrays in (params, data)]
    value, gradients = jax.jit(module.loss_and_grad)(*short)
    exact = jax.jit(module.loss_and_grad)(params, data)[1]
    assert value.dtype == dtype
    for name, gradient in gradients.items():
        assert gradient.dtype == dtype
        assert relative_error(gradient, np.asarray(exact[name])) < 50 * jnp.finfo(dtype).eps
