"""Exports of some gradients only: what they do not need is gone, what they give is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from derivations.errors import InputError
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
from tests.export.running import planned as planned_once

EXACT = 1e-12
DELAYED_INPUT = ["h[t] = tanh(W @ h[t-1] + U @ x[t] + V @ x[t-1])"]


@pytest.mark.parametrize("wrt", [("U_f",), ("b_o", "x"), ("c0", "W_g"), ("h0",)], ids="-".join)
@pytest.mark.parametrize("checkpoint", [None, 2])
def test_the_gradients_asked_for_are_the_derived_ones(
    wrt: tuple[str, ...], checkpoint: int | None, tmp_path: Path
) -> None:
    plan = planned(compiled("lstm"), "numpy", Choices(wrt=wrt, checkpoint=checkpoint))
    exported = module_of(source(plan, "numpy"), tmp_path)
    whole = planned_once("lstm", "jax")
    point = Point(whole.cell, whole.own.program.values, 5)
    given = Arguments(exported, plan, point)
    functions = given.functions("loss_and_grad")
    _, found = exported.loss_and_grad(given.params, given.data, **functions)
    assert found.keys() == set(wrt)
    for name, gradient in found.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


def test_what_is_not_needed_is_not_computed() -> None:
    source = export("lstm", "numpy", wrt=["b_o"])
    assert "db_o" in source
    for gone in ("dW_f", "dx", "outer_total"):
        assert gone not in source
    # The gradient of the readout alone needs no backward loop.
    assert "reversed(" not in export("rnn", "numpy", wrt=["b_p"]).split("def _pull_back")[0]


def loss_of(*parts: Any) -> Any:
    return 0.5 * (parts[-1] ** 2).sum()


def test_jax_does_not_give_a_zero_for_what_was_not_asked_for(tmp_path: Path) -> None:
    exported = module_of(export("lstm", "jax", wrt=["U_f"]), tmp_path)
    params = exported.init_params(jax.random.key(0), n=2, m=3)
    data = {"x": jax.numpy.ones((4, 3), params["U_f"].dtype)}

    def loss(own: Any) -> Any:
        return exported.loss({**params, **own}, data, ell=loss_of)

    expected = run_by_numpy(lambda p: exported.loss_and_grad(p, data, ell=loss_of), params)
    found = run_by_numpy(jax.grad(loss), {"U_f": params["U_f"]})
    assert relative_error(found["U_f"], expected[1]["U_f"]) < 1e-6
    with pytest.raises(ValueError, match="gradient in W_f was not asked for"):
        jax.jit(jax.grad(loss))({"W_f": params["W_f"]})


def test_torch_does_not_give_a_zero_for_what_was_not_asked_for(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    exported = module_of(export("rnn", "torch", wrt=["W_hh"]), tmp_path)
    params = exported.init_params(torch.Generator().manual_seed(0), n=2, m=2, d=3)
    data = {"x": torch.ones(4, 3), "y": torch.ones(4, 2) / 2}
    expected = exported.loss_and_grad(params, data)[1]["W_hh"]
    params["W_hh"].requires_grad_()
    exported.loss(params, data).backward()
    assert torch.equal(params["W_hh"].grad, expected)
    params["b_h"].requires_grad_()
    with pytest.raises(ValueError, match="gradient in b_h was not asked for"):
        exported.loss(params, data).backward()


def test_an_input_of_the_step_before_crosses_segments(tmp_path: Path) -> None:
    by_parts = module_of(export(DELAYED_INPUT, "numpy", checkpoint=2), tmp_path)
    plain = module_of(export(DELAYED_INPUT, "numpy"), tmp_path, "plain")
    rng = np.random.default_rng(0)
    params = {name: rng.standard_normal((3, 3)) for name in ("W", "U", "V")}
    inputs, above = {"x": rng.standard_normal((5, 3))}, {"h": rng.standard_normal((5, 3))}
    found, expected = (
        one.forward_vjp(params, inputs, {"x0": np.ones(3)}, above) for one in (by_parts, plain)
    )
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        assert relative_error(found[name], gradient) < EXACT, name


def test_what_is_not_given_has_no_gradient_to_ask_for() -> None:
    with pytest.raises(InputError, match="no gradient in q"):
        export("lstm", "jax", wrt=["q"])
