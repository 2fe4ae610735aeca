"""Exports name what does not fit, in every library."""

from __future__ import annotations

import inspect
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from derivations.render.code import export, source
from tests.export.running import Arguments, Point, module_of, planned

Change = Any
CHANGES: list[tuple[Change, type[Exception], str]] = [
    (lambda p, d: p.pop("W_hx"), KeyError, "W_hx"),
    (lambda p, d: p.update(W_xh=p["W_hx"]), KeyError, "W_xh"),
    (lambda p, d: d.pop("y"), KeyError, "y"),
    (lambda p, d: p.update(W_hx=p["W_hx"][:-1]), ValueError, "W_hx"),
    (lambda p, d: p.update(b_h=p["b_h"][:, None]), ValueError, "b_h"),
    (lambda p, d: d.update(x=d["x"][:-1]), ValueError, "has an axis of length"),
    (lambda p, d: d.update(x=d["x"][0, 0]), ValueError, "x"),
    (lambda p, d: p.update(b_h=p["b_h"].astype(int)), TypeError, "b_h"),
    (lambda p, d: d.update(x=d["x"].astype(np.float32)), TypeError, "x"),
    (lambda p, d: p.update(b_h=None), TypeError, "b_h is of type NoneType"),
    (lambda p, d: d.update(x=d["x"][:0]), ValueError, "x has an axis of length 0"),
    (
        lambda p, d: d.update(x=d["x"][:, None][:, :0], y=d["y"][:, None][:, :0]),
        ValueError,
        "batch",
    ),
    (lambda p, d: d.update(T=2.5), TypeError, "T is of type float"),
    (lambda p, d: d.update(T=-1), ValueError, "T is -1"),
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str, to: str) -> ModuleType:
        return module_of(source(planned(cell, to), to), tmp_path_factory.mktemp(to))

    return made


def given_to(exported: ModuleType, cell: str, to: str) -> tuple[dict[str, Any], dict[str, Any]]:
    plan = planned(cell, to)
    given = Arguments(exported, plan, Point(plan.cell, plan.own.program.values, 3))
    return dict(given.params), {n: x for n, x in given.data.items() if n != "T"}


def tensors(arrays: dict[str, Any], to: str) -> dict[str, Any]:
    if to != "torch":
        return arrays
    import torch

    return {n: torch.as_tensor(x) if isinstance(x, np.ndarray) else x for n, x in arrays.items()}


@pytest.mark.parametrize("to", ["jax", "torch"])
@pytest.mark.parametrize(("change", "error", "said"), CHANGES)
@pytest.mark.parametrize("function", ["loss_and_grad", "loss"])
def test_what_does_not_fit_is_named(
    change: Change, error: type[Exception], said: str, to: str, function: str, module: Any
) -> None:
    pytest.importorskip(to)
    import jax

    exported = module("rnn", to)
    params, data = given_to(exported, "rnn", to)
    change(params, data)
    with jax.enable_x64(True), pytest.raises(error, match=said):
        getattr(exported, function)(tensors(params, to), tensors(data, to))


@pytest.mark.parametrize("to", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(("cell", "name"), [("lstm", "ell"), ("rnn-generic", "f")])
def test_an_arbitrary_function_is_an_argument(cell: str, name: str, to: str, module: Any) -> None:
    pytest.importorskip(to)
    exported = module(cell, to)
    params, data = given_to(exported, cell, to)
    with pytest.raises(TypeError, match=f"'{name}'"):
        exported.loss_and_grad(tensors(params, to), tensors(data, to))
    keywords = inspect.signature(exported.loss_and_grad).parameters.values()
    wrong: Any = {p.name: 0.5 for p in keywords if p.kind is p.KEYWORD_ONLY}
    with pytest.raises(TypeError, match=f"{name}.* is of type float"):
        exported.loss_and_grad(tensors(params, to), tensors(data, to), **wrong)


@pytest.mark.parametrize("to", ["numpy", "jax", "torch"])
def test_what_an_arbitrary_map_gives_has_to_fit(to: str, module: Any) -> None:
    pytest.importorskip(to)
    exported = module("lstm", to)
    params, data = given_to(exported, "lstm", to)
    keywords = inspect.signature(exported.loss_and_grad).parameters.values()
    wrong: Any = {p.name: lambda t, h: h for p in keywords if p.kind is p.KEYWORD_ONLY}
    with pytest.raises(ValueError, match=r"ell gives shape \(2,\), expected \(\)"):
        exported.loss_and_grad(tensors(params, to), tensors(data, to), **wrong)


def test_an_elementwise_function_keeps_the_shape(tmp_path: Any) -> None:
    exported = module_of(export(["h[t] = phi(W @ x[t] + U @ h[t-1])"], "numpy"), tmp_path)
    rest = {"ell": lambda t, h: h.sum(), "ell_vjp": lambda g, t, h: (0, g * np.ones_like(h))}
    params, data = exported.example(np.random.default_rng(0).random)
    given: Any = {"phi": np.tanh, "phi_slope": lambda z: 1.0, **rest}
    assert np.all(np.isfinite(exported.loss_and_grad(params, data, **given)[1]["W"]))
    for name in ("phi", "phi_slope"):
        with pytest.raises(ValueError, match=f"{name} gives shape"):
            exported.loss_and_grad(params, data, **{**given, name: lambda z: z[..., :1]})


def test_arguments_are_dicts(module: Any) -> None:
    exported = module("rnn", "jax")
    params, data = given_to(exported, "rnn", "jax")
    for arguments, said in (((list(params), data), "params"), ((params, 5), "data")):
        with pytest.raises(TypeError, match=f"{said} is of type"):
            exported.loss_and_grad(*arguments)
