"""Rewrites of programs: each changes some program and no value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derivations.loading import load
from derivations.program.choices import Choices
from derivations.program.plan import plan
from derivations.program.rewrites import PROGRAM_REWRITES
from derivations.render.code import source
from tests.export.running import Arguments, Point, module_of, relative_error

EXACT = 1e-12
ROWS = [row.name for row in PROGRAM_REWRITES]


@pytest.mark.parametrize("cell", ["gru", "attention-decoder-additive"])
@pytest.mark.parametrize("without", [(name,) for name in ROWS] + [tuple(ROWS)], ids="-".join)
def test_no_value_changes(cell: str, without: tuple[str, ...], tmp_path: Path) -> None:
    found = plan(load(cell), Choices(without))
    module = module_of(source(found, "numpy"), tmp_path)
    point = Point(found.cell, found.own.program.values, 3)
    given = Arguments(module, found, point)
    functions = given.functions("loss_and_grad")
    value, gradients = module.loss_and_grad(given.params, given.data, **functions)
    assert relative_error(value, np.asarray(point.loss)) < EXACT
    for name, gradient in gradients.items():
        assert relative_error(gradient, point.gradient(name)) < EXACT, name


@pytest.mark.parametrize("name", ROWS)
def test_every_rewrite_applies(name: str) -> None:
    cell = load("linear-unit" if name == "double" else "lstm")
    programs = (plan(cell, Choices(names)) for names in ((), (name,)))
    library = "jax" if name == "overwrite" else "numpy"
    with_all, without = (source(program, library) for program in programs)
    assert with_all != without
