"""PyTorch exports: the backward passes of their autograd functions equal the derived form."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from derivations.catalogue import names
from derivations.render.code import source
from tests.export.running import Arguments, Point, module_of, planned, relative_error

torch = pytest.importorskip("torch")
EXACT = 1e-12
RANDOM = ["9"]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(cell: str) -> ModuleType:
        folder = tmp_path_factory.mktemp(f"cell{cell}".replace("-", "_"))
        return module_of(source(planned(cell, "torch"), "torch"), folder)

    return made


@pytest.mark.parametrize("cell", [*names(), *RANDOM])
def test_the_backward_pass_is_the_derived_one(cell: str, module: Any) -> None:
    plan = planned(cell, "torch")
    point = Point(plan.cell, plan.own.program.values, 3)
    given = Arguments(module(cell), plan, point)
    functions, lengths = given.torch_functions("loss"), point.lengths()

    def leaves(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        return {n: torch.tensor(x, requires_grad=True) for n, x in arrays.items()}

    params = leaves(given.params)
    data = leaves({n: x for n, x in given.data.items() if n not in lengths})
    value = module(cell).loss(params, {**data, **lengths}, **functions)
    value.backward()
    assert relative_error(value.detach(), np.asarray(point.loss)) < EXACT
    for name, leaf in {**params, **data}.items():
        if name in plan.own.gradients:
            assert relative_error(leaf.grad, point.gradient(name)) < EXACT, name
        else:
            assert leaf.grad is None
