"""Runs an export at concrete sizes, and says what the derived form gives there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import Parameter, signature
from itertools import product
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from derivations.cell import LOSS, Cell
from derivations.deriver import deriver_of
from derivations.expressions.nodes import Map
from derivations.loading import load
from derivations.program.plan import Plan
from derivations.program.values import Value
from derivations.render.code import planned as planned_for
from derivations.render.code.code import has_axis
from derivations.typing.compile import Compiled
from tests.export.functions import (
    SEED,
    jax_elementwise,
    jax_map,
    numpy_elementwise,
    numpy_map,
    torch_elementwise,
    torch_map,
)
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System, adjoint, variable
from verify.evaluate.indices import compile_integer
from verify.oracles.programs import run
from verify.sampling import Sampler
from verify.strategies import random_cell

At = Callable[[str, tuple[int, ...]], np.ndarray]


def compiled(cell: str) -> Compiled:
    """A catalogue cell, or a random one by its seed."""
    return load(random_cell(Random(int(cell))).splitlines() if cell.isdigit() else cell)


def planned(cell: str, to: str = "numpy") -> Plan:
    """The plan of an export; JAX and PyTorch share theirs."""
    return _planned(cell, "numpy" if to == "numpy" else "jax")


@lru_cache(maxsize=256)
def _planned(cell: str, to: str) -> Plan:
    return planned_for(compiled(cell), to)


def module_of(source: str, folder: Path, name: str = "exported") -> ModuleType:
    """The exported source as a module; a test of a library that is not installed is skipped."""
    if "import torch" in source:
        pytest.importorskip("torch")
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Point:
    """A cell at sizes and ends, every value from the formulas that a reader sees.

    Args:
        cell: whose equations.
        values: the program's values, which say what an array of the export holds.
        turn: turns the sizes, which are pairwise distinct.
    """

    def __init__(
        self, cell: Cell, values: Mapping[str, Value], length: int, turn: int = 0,
        regime: str = "generic",
    ) -> None:  # fmt: skip
        self.cell, self._values = cell, values
        count = max(len(cell.sizes), 1)
        self.sizes = {s: 2 + (k + turn) % count for k, s in enumerate(cell.sizes)}
        self.ends = {axis.upper: length + k for k, axis in enumerate(cell.axes)}
        self._env = {**self.sizes, **self.ends}
        self._sampler = Sampler(cell, self.sizes, self.ends, SEED, regime)
        self._adjoints = deriver_of(cell).adjoints
        equations = [*cell.definitions, *self._adjoints.values()]
        arithmetic = NumpyArithmetic(seed=SEED)
        self._system = System(equations, arithmetic, self.ends, self.sizes, self._sampler)

    def free(self, name: str) -> np.ndarray:
        """What the export is given under a name."""
        return self._array(name, lambda owner, steps: self._sampler(variable(owner, *steps)))

    def gradient(self, name: str) -> np.ndarray:
        """The derived gradient in something that the export is given."""
        return self._array(name, lambda owner, steps: self._system.value(adjoint(owner, *steps)))

    def value(self, name: str) -> np.ndarray:
        """A value of the forward pass."""
        return self._array(name, lambda owner, steps: self._system.value(variable(owner, *steps)))

    @property
    def loss(self) -> float:
        return float(self._system.value(variable(LOSS))[0, 0])

    def lengths(self) -> dict[str, int]:
        return {end.name: steps for end, steps in self.ends.items()}

    def _array(self, name: str, at: At) -> np.ndarray:
        """Values stacked over their steps, without the axes of extents that are one by type."""
        value = self._values[name]
        owner = self._values[value.origin]
        fixed = [place for place, edge in owner.edges.items() if edge == name]
        ranges = {r.index: r for r in value.ranges}
        spans: list[Sequence[int]] = []
        for position, index in enumerate(owner.target.steps):
            pinned = [compile_integer(time)(self._env) for p, time in fixed if p == position]
            spans.append(pinned or self._steps(ranges[index]))
        shape = [len(self._steps(r)) for r in value.ranges]
        entries = [at(owner.name, steps) for steps in product(*spans)]
        axes = zip(entries[0].shape, owner.target.shape, strict=True)
        dims = [extent for extent, form in axes if has_axis(form)]
        return np.stack(entries).reshape((*shape, *dims))

    def _steps(self, over: Any) -> range:
        low, high = (compile_integer(e)(self._env) for e in (over.lower, over.upper))
        return range(low, high + 1)


class Arguments:
    """Everything that a function of an export is called with, at a point."""

    def __init__(self, module: ModuleType, plan: Plan, point: Point) -> None:
        self.module, self._plan, self._point = module, plan, point
        self.params = {name: point.free(name) for name in module.PARAMETERS}
        self.given = {name: point.free(name) for name in module.GIVEN}
        self.starts = {name: point.free(name) for name in module.STARTS}
        self.inputs = {n: x for n, x in self.given.items() if n in module.INPUTS} | point.lengths()

    @property
    def data(self) -> dict[str, Any]:
        return {**self.given, **self.starts, **self._point.lengths()}

    def functions(self, name: str) -> dict[str, Any]:
        """The arbitrary functions that a function of the export asks for."""
        asked = signature(getattr(self.module, name)).parameters.values()
        return {p.name: self._function(p.name) for p in asked if p.kind is Parameter.KEYWORD_ONLY}

    def _function(self, name: str) -> Any:
        base = name.removesuffix("_slope").removesuffix("_vjp").rstrip("_")
        cell, env = self._plan.cell, {**self._point.sizes, **self._point.ends}
        maps = {m.name: m for d in cell.definitions for p in d.pieces for m in p.value.atoms(Map)}
        if base in maps:
            return numpy_map(maps[base], env)[name.endswith("_vjp")]
        return numpy_elementwise(base, name.endswith("_slope"))

    def jax_functions(self, name: str) -> dict[str, Any]:
        """The same for JAX, which differentiates them itself."""
        return self._given(name, jax_elementwise, jax_map)

    def torch_functions(self, name: str) -> dict[str, Any]:
        """The same for PyTorch, which differentiates them itself."""
        return self._given(name, torch_elementwise, torch_map)

    def _given(self, name: str, elementwise: Any, of: Any) -> dict[str, Any]:
        cell, env = self._plan.cell, {**self._point.sizes, **self._point.ends}
        maps = {m.name: m for d in cell.definitions for p in d.pieces for m in p.value.atoms(Map)}
        asked = signature(getattr(self.module, name)).parameters.values()
        found = {}
        for given in (p.name for p in asked if p.kind is Parameter.KEYWORD_ONLY):
            base = given.rstrip("_")
            found[given] = of(maps[base], env) if base in maps else elementwise(base)
        return found


def run_by_numpy(function: Any, *arguments: Any) -> Any:
    """``function(*arguments)``, traced by JAX with its loops unrolled, but not compiled."""
    with jax.disable_jit():
        program, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
    return jax.tree.unflatten(jax.tree.structure(shapes), run(program, jax.tree.leaves(arguments)))


def relative_error(found: Any, expected: np.ndarray) -> float:
    """The largest difference, relative to the largest entry."""
    found = np.asarray(found)
    assert found.shape == expected.shape
    scale = np.max(np.abs(expected), initial=0.0) or 1.0
    return float(np.max(np.abs(found - expected), initial=0.0) / scale)
