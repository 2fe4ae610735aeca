"""Gradients of exported cells against autodiff of the same equations, side by side in one run.

``python benchmarks/export.py [--cells lstm,gru] [--points 100x16x128] [--results FILE]``

A point is T x B x n: steps, batch, state size; inputs are as wide as the state. Every line
compares one call for the loss and the gradients of all parameters, in float32:

- ``export``: the derived gradients of the exported JAX module, compiled;
- ``jax.grad``: of the equations as they stand, in one lax.scan, the best of unroll 1, 4 and 8;
- ``torch.nn``: the layer of PyTorch, where it has the cell, and ``numpy``: the exported NumPy
  module, both on the CPU;
- ``rate``: the share of a plain matrix product's rate that the export reaches with the
  multiply-adds of its cost model;
- ``memory``: what the export needs beside arguments and results, and jax.grad relative to it.

Ratios are medians over interleaved repeats, with the quarter below and above; over 1 the export is
faster. ``benchmarks/export_grid.py`` runs the whole grid in pieces. Compiling takes longer than
running: ``--cache FOLDER`` keeps what is compiled, ``--compile`` does nothing else, so that the
machine has to be still for the rest only. ``--results`` adds a line for each point to a file, of
which ``benchmarks/export_table.py`` makes the whole table. On a machine that others use, compare
``--processor-time`` of one thread: ``XLA_FLAGS=--xla_cpu_multi_thread_eigen=false``, and
``OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from export_grid import CELLS, KEPT
from export_table import table

from derivations.loading import load
from derivations.program.choices import Choices
from derivations.program.cost import costs
from derivations.program.rewrites import REWRITE_NAMES
from derivations.render.code import export, planned

UNROLLS = (1, 4, 8)
POINTS = "50x1x16,100x1x128,100x16x64,50x32x256"
MINIMAL = [
    "title: Minimal cell: one gate, which sees the state",
    "f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)",
    "h[t] = (1 - f[t]) * h[t-1] + f[t] * tanh(W_h @ x[t] + b_h)",
]
TORCH_LAYERS = {"lstm": "LSTM", "gru-reset-after": "GRU"}
PLAIN = 1024
NUMBER = count()
Call = Callable[[], Any]
Clock = Callable[[], float]
Row = dict[str, Any]


def module_of(source: str) -> ModuleType:
    """The source as a module."""
    path = Path(tempfile.mkdtemp()) / f"exported{next(NUMBER)}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def half_square(*arguments: Any) -> Any:
    """The loss of a cell that has none of its own, of its last argument."""
    return 0.5 * (arguments[-1] ** 2).sum()


def example(module: ModuleType, steps: int, batch: int, size: int) -> tuple[Any, Any]:
    """Parameters and data of a size."""
    sizes = dict.fromkeys(module.SIZES, size)
    key = jax.random.key(0)
    params = module.init_params(key, **dict.fromkeys(sizes_of_parameters(module), size))
    lengths = dict.fromkeys(module.LENGTHS, steps)
    data = {}
    for name, (times, form) in {**module.GIVEN, **module.STARTS}.items():
        key, own = jax.random.split(key)
        lead = [module.extent(e, lengths) for e in times]
        drawn = jax.random.normal(own, (*lead, batch, *(module.extent(e, sizes) for e in form)))
        data[name] = jax.nn.softmax(drawn) if name == "y" else drawn
    return params, data


def sizes_of_parameters(module: ModuleType) -> set[str]:
    """The sizes that parameters have."""
    words = {w for form in module.PARAMETERS.values() for e in form for w in e.split("*")}
    return words & set(module.SIZES)


def plain(module: ModuleType, functions: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
    """The loss through the module's forward pass, for autodiff."""

    def loss(params: Any, data: Any) -> Any:
        values, sizes, batch = module.checked(params, data, tuple(module.GIVEN))
        values = {**values, **module._forward(values, sizes, batch)}
        return module._loss(values, sizes, batch, *functions.values())

    return loss


def equations(cell: str) -> str | list[str]:
    """A name of the catalogue, or the equations of the minimal cell."""
    return MINIMAL if cell == "minimal" else cell


def contestants(
    cell: str, steps: int, batch: int, size: int, chosen: argparse.Namespace
) -> Iterator[tuple[str, Call, int | None]]:
    """Every way to the gradients at one point: name, call, bytes that it needs."""
    typed = equations(cell)
    source, as_typed = export(typed, "jax"), export(typed, "jax", REWRITE_NAMES)
    ours = module_of(source)
    params, data = example(ours, steps, batch, size)
    functions = {"ell": half_square} if "ell: Callable" in source else {}

    def call(function: Any) -> tuple[Call, int]:
        compiled = jax.jit(function).lower(params, data).compile()
        needed = int(compiled.memory_analysis().temp_size_in_bytes)
        return lambda: jax.block_until_ready(compiled(params, data)), needed

    yield "export", *call(lambda p, d: ours.loss_and_grad(p, d, **functions))
    for unroll in UNROLLS:
        unrolled = module_of(as_typed.replace("lax.scan(", f"partial(lax.scan, unroll={unroll})("))
        yield f"unroll {unroll}", *call(jax.value_and_grad(plain(unrolled, functions)))
    if chosen.only_jax:
        return
    if cell in TORCH_LAYERS and importlib.util.find_spec("torch"):
        yield "torch.nn", torch_layer(TORCH_LAYERS[cell], steps, batch, size), None
    yield "numpy", numpy_call(typed, params, data), None


def numpy_call(typed: str | list[str], params: Any, data: Any) -> Call:
    """The exported NumPy module at the same numbers."""
    source = export(typed, "numpy")
    module = module_of(source)
    given = [{n: np.asarray(x) for n, x in arrays.items()} for arrays in (params, data)]
    functions: dict[str, Any] = {}
    if "ell: Callable" in source:
        functions = {"ell": half_square, "ell_vjp": lambda above, *parts: (0, above * parts[-1])}
    return lambda: module.loss_and_grad(*given, **functions)


def multiply_adds(cell: str, steps: int, batch: int, size: int) -> float:
    """What the cost model counts for both passes, for the whole batch."""
    compiled = load(equations(cell))
    asked = [parameter.name for parameter in compiled.cell.parameters]
    plan = planned(compiled, "jax", Choices(wrt=asked))
    ends = {axis.upper: steps for axis in plan.cell.axes}
    sizes = {**dict.fromkeys(plan.cell.sizes, size), **ends}
    blocks = [(plan.first, plan.first.forward), (plan.own, plan.own.backward)]
    return batch * sum(
        float(cost.multiply_adds.total.subs(sizes))
        for part, some in blocks
        for cost in costs(some, dict(part.program.values), ())
    )


def plain_product() -> Call:
    """The product of two PLAIN x PLAIN matrices, which takes its turn among the contestants."""
    matrix = jnp.ones((PLAIN, PLAIN))
    run = jax.jit(lambda a: a @ a)
    return lambda: jax.block_until_ready(run(matrix))


def torch_layer(kind: str, steps: int, batch: int, size: int) -> Call:
    """A layer of PyTorch with the same loss."""
    import torch

    layer, x = getattr(torch.nn, kind)(size, size), torch.randn(steps, batch, size)

    def run() -> Any:
        layer.zero_grad()
        half_square(layer(x)[0]).backward()

    return run


def measured(
    calls: Mapping[str, Call], enough: float, clock: Clock = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of every call, taking turns: five at least, and until ``enough`` seconds are over.

    Where turns are that long themselves, three do. Every other turn goes backwards, so that nobody
    comes after the same one each time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    begun, turn = time.perf_counter(), 0
    while turn < 6 or time.perf_counter() - begun < enough:
        if turn > 3 and time.perf_counter() - begun > 4 * enough:
            break
        for name, call in [*calls.items()][:: 1 if turn % 2 else -1]:
            start = clock()
            call()
            if turn > 0:
                seconds[name].append(clock() - start)
        turn += 1
    return seconds


def agree(cell: str, calls: Mapping[str, Call]) -> None:
    """All of JAX's gradients are the same, to the rounding of float32.

    Raises:
        SystemExit: they are not.
    """
    expected = calls["unroll 1"]()[1]
    for parameter, gradient in calls["export"]()[1].items():
        scale = float(jnp.max(jnp.abs(expected[parameter])))
        error = float(jnp.max(jnp.abs(gradient - expected[parameter]))) / scale
        if not error < 1e-3:
            raise SystemExit(f"{cell}: the export differs in {parameter} by {error:.1e}")


def ratio(seconds: Mapping[str, list[float]], name: str) -> list[float]:
    """How many times as long as the export a way takes: median, the quarter below and above."""
    found = [a / b for a, b in zip(seconds[name], seconds["export"], strict=True)]
    low, middle, high = quantiles(found, n=4)
    return [middle, low, high]


def measured_at(cell: str, point: str, chosen: argparse.Namespace, clock: Clock) -> Row | None:
    """What was measured at one point; nothing where it is only compiled."""
    found = contestants(cell, *map(int, point.split("x")), chosen)
    ways = {name: (call, needed) for name, call, needed in found}
    if chosen.compile:
        return None
    calls = {name: call for name, (call, _) in ways.items()}
    agree(cell, calls)
    # Threads of other libraries still wait for work when the next call begins: these come later.
    apart = [name for name in ("torch.nn", "numpy") if name in calls]
    together = {name: call for name, call in calls.items() if name not in apart}
    seconds = measured(together | {"product": plain_product()}, chosen.seconds, clock)
    fastest = min((f"unroll {u}" for u in UNROLLS), key=lambda n: median(seconds[n]))
    taken = median(seconds["export"])
    pairs = {name: {"export": calls["export"], name: calls[name]} for name in apart}
    ratios = {n: ratio(measured(p, chosen.seconds / 4, clock), n) for n, p in pairs.items()}
    return {
        "cell": cell, "point": point, "seconds": taken, "unroll": fastest,
        "jax.grad": ratio(seconds, fastest), **ratios,
        "rate": multiply_adds(cell, *map(int, point.split("x"))) / taken,
        "plain rate": PLAIN**3 / median(seconds["product"]),
        "bytes": ways["export"][1], "bytes of jax.grad": ways[fastest][1],
    }  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", default=CELLS)
    parser.add_argument("--points", default=POINTS)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each point")
    parser.add_argument("--only-jax", action="store_true", help="neither PyTorch nor NumPy")
    parser.add_argument("--processor-time", action="store_true", help="on a machine with others")
    parser.add_argument("--cache", help="a folder for what is compiled")
    parser.add_argument("--compile", action="store_true", help="compile, and measure nothing")
    parser.add_argument("--results", help="a file to which the numbers are added")
    chosen = parser.parse_args()
    if chosen.cache:
        jax.config.update("jax_compilation_cache_dir", chosen.cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    clock = time.process_time if chosen.processor_time else time.perf_counter
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, JAX {jax.__version__} on {jax.devices()[0]}\n"
    )
    kept_memory = KEPT.items() <= os.environ.items()
    rows: list[Row] = []
    for cell in chosen.cells.split(","):
        for point in chosen.points.split(","):
            row = measured_at(cell, point, chosen, clock)
            if row is None:
                continue
            rows.append(row | {"kept memory": kept_memory})
            if chosen.results:
                with open(chosen.results, "a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    if rows:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
