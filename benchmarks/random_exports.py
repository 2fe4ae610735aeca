"""Random cells exported to every library: their gradients against autodiff of the equations.

``PYTHONPATH=. python benchmarks/random_exports.py [--count 200] [--first 0]``

A cell is drawn by its seed and exported to JAX, NumPy and PyTorch. The gradients of all parameters
that each module gives, in float64, are compared with jax.grad of the equations as they stand (an
export without any rewrite, of which only the forward pass is run). What has no export rule is
counted under the rule's name.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import jax
import numpy as np

from derivations.errors import MissingRule
from derivations.program.choices import Choices
from derivations.program.rewrites import REWRITE_NAMES
from derivations.render.code import planned as planned_with
from derivations.render.code import source
from tests.export.running import Arguments, Point, compiled, module_of, planned, relative_error
from verify.oracles.programs import traced

BOUND = 1e-9
"""The largest difference of two gradients in float64, relative to the largest entry."""
STEPS = 3
Gradients = dict[str, np.ndarray]


def autodiff(cell: str, given: Arguments, folder: Path) -> Gradients:
    """jax.grad of the forward equations in the parameters."""
    plain = planned_with(compiled(cell), "jax", Choices(REWRITE_NAMES))
    module = module_of(source(plain, "jax"), folder, "plain")
    functions = given.jax_functions("loss")

    def called(function: Any) -> dict[str, Any]:
        return {name: functions[name] for name in signature(function).parameters.keys() & functions}

    def loss(params: Any) -> Any:
        values, sizes, batch = module.checked(params, given.data, tuple(module.GIVEN))
        found = module._forward(values, sizes, batch, **called(module._forward))
        return module._loss({**values, **found}, sizes, batch, **called(module._loss))

    with jax.disable_jit():
        found = traced(jax.grad(loss), given.params)
    return dict(zip(sorted(given.params), found, strict=True))


def exported(cell: str, folder: Path) -> Iterator[tuple[str, Gradients]]:
    """The gradients of autodiff, then those of each library's module."""
    plan = planned(cell, "jax")
    point = Point(plan.cell, plan.own.program.values, STEPS)
    module = module_of(source(plan, "jax"), folder, "in_jax")
    given = Arguments(module, plan, point)
    yield "autodiff", autodiff(cell, given, folder)
    functions = given.jax_functions("loss_and_grad")
    with jax.disable_jit():
        (_, *found) = traced(
            lambda p: module.loss_and_grad(p, given.data, **functions), given.params
        )
    yield "jax", dict(zip(sorted(given.params), found, strict=True))
    plan = planned(cell)
    module = module_of(source(plan, "numpy"), folder, "in_numpy")
    given = Arguments(module, plan, point)
    _, own = module.loss_and_grad(given.params, given.data, **given.functions("loss_and_grad"))
    yield "numpy", own
    yield "torch", in_torch(cell, point, folder)


def in_torch(cell: str, point: Point, folder: Path) -> Gradients:
    """What the PyTorch module gives."""
    import torch

    plan = planned(cell, "torch")
    module = module_of(source(plan, "torch"), folder, "in_torch")
    given = Arguments(module, plan, point)
    params = {name: torch.as_tensor(x) for name, x in given.params.items()}
    lengths = point.lengths()
    data = {n: x if n in lengths else torch.as_tensor(x) for n, x in given.data.items()}
    functions = given.torch_functions("loss_and_grad")
    _, found = module.loss_and_grad(params, data, **functions)
    return {name: x.detach().numpy() for name, x in found.items()}


def main() -> None:
    """Print how many agree, and what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    refused: Counter[str] = Counter()
    largest = {"jax": 0.0, "numpy": 0.0, "torch": 0.0}
    failed: list[str] = []
    begun, gradients = time.perf_counter(), 0
    for seed in range(chosen.first, chosen.first + chosen.count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                (_, expected), *others = exported(str(seed), Path(folder))
            except MissingRule as error:
                refused[str(error)] += 1
                continue
            except Exception as error:
                failed.append(f"seed {seed}: {type(error).__name__}: {error}")
                print(failed[-1], flush=True)
                continue
        gradients += len(expected)
        for library, found in others:
            worst = max(relative_error(found[name], x) for name, x in expected.items())
            largest[library] = max(largest[library], worst)
            if not worst < BOUND:
                failed.append(f"seed {seed}: {library} differs by {worst:.1e}")
                print(failed[-1], flush=True)
    agree, seconds = chosen.count - refused.total() - len(failed), time.perf_counter() - begun
    print(f"{agree} of {chosen.count} cells agree, {gradients} gradients each, {seconds:.0f} s")
    for library, worst in largest.items():
        print(f"{library:>6}  largest difference from autodiff {worst:.1e}")
    for why, times in refused.items():
        print(f"{times} refused: {why}")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
