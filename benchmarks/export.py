"""Gradients of exported cells against autodiff of the same equations, side by side in one run.

``python benchmarks/export.py [--cells rnn,lstm,gru] [--points 100x16x128] [--repeats 15]``

A point is T x B x n: steps, batch, state size; inputs are as wide as the state. Every line
compares one jitted call for the loss and the gradients of all parameters, in float32:

- ``export``: the derived gradients of the exported JAX module;
- ``jax.grad``: of the equations as they stand, in one lax.scan, the best of unroll 1, 4 and 8;
- ``own forward``: jax.grad through the forward pass of the export, with its hoisted and stacked
  products, which tells what the derived backward pass alone is worth;
- ``torch.nn``: the layer of PyTorch, where it has the cell.

Ratios are medians over interleaved repeats, with the quarter below and above; over 1 the export is
faster.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from statistics import geometric_mean, median, quantiles
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp

from derivations.program.rewrites import REWRITE_NAMES
from derivations.render.code import export

UNROLLS = (1, 4, 8)
TORCH_LAYERS = {"lstm": "LSTM", "gru-reset-after": "GRU"}
NUMBER = count()
Call = Callable[[], Any]


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


def contestants(cell: str, steps: int, batch: int, size: int) -> Iterator[tuple[str, Call]]:
    """Every way to the gradients at one point, by name."""
    source = export(cell, "jax")
    ours, as_typed = module_of(source), export(cell, "jax", REWRITE_NAMES)
    params, data = example(ours, steps, batch, size)
    functions = {"ell": half_square} if "ell: Callable" in source else {}

    def call(function: Any) -> Call:
        jitted = jax.jit(function)
        return lambda: jax.block_until_ready(jitted(params, data))

    yield "export", call(lambda p, d: ours.loss_and_grad(p, d, **functions))
    for unroll in UNROLLS:
        unrolled = module_of(as_typed.replace("length=T", f"length=T, unroll={unroll}"))
        yield f"unroll {unroll}", call(jax.value_and_grad(plain(unrolled, functions)))
    yield "own forward", call(jax.value_and_grad(plain(ours, functions)))
    if cell in TORCH_LAYERS and importlib.util.find_spec("torch"):
        yield "torch.nn", torch_layer(TORCH_LAYERS[cell], steps, batch, size)


def torch_layer(kind: str, steps: int, batch: int, size: int) -> Call:
    """A layer of PyTorch with the same loss."""
    import torch

    layer, x = getattr(torch.nn, kind)(size, size), torch.randn(steps, batch, size)

    def run() -> Any:
        layer.zero_grad()
        half_square(layer(x)[0]).backward()

    return run


def measured(calls: Mapping[str, Call], repeats: int) -> dict[str, list[float]]:
    """Seconds of every call, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 2):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn > 1:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def agree(cell: str, calls: Mapping[str, Call]) -> None:
    """All of JAX's gradients are the same, to the rounding of float32.

    Raises:
        SystemExit: they are not.
    """
    _, expected = calls["unroll 1"]()
    for name in ("export", "own forward"):
        for parameter, gradient in calls[name]()[1].items():
            scale = float(jnp.max(jnp.abs(expected[parameter])))
            error = float(jnp.max(jnp.abs(gradient - expected[parameter]))) / scale
            if not error < 1e-3:
                raise SystemExit(f"{cell}: {name} differs in {parameter} by {error:.1e}")


def ratio(seconds: Mapping[str, list[float]], name: str) -> tuple[float, str]:
    """How many times as long as the export a way takes, with its spread."""
    found = [a / b for a, b in zip(seconds[name], seconds["export"], strict=True)]
    low, _, high = quantiles(found, n=4)
    return median(found), f"{median(found):5.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Measure every cell at every point and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", default="rnn,lstm,gru,gru-reset-after,lstm-peephole")
    parser.add_argument("--points", default="50x1x16,100x1x64,100x1x256,100x16x128")
    parser.add_argument("--repeats", type=int, default=15)
    chosen = parser.parse_args()
    device = jax.devices()[0]
    print(f"{platform.processor() or platform.machine()}, JAX {jax.__version__} on {device}")
    print(
        f"{'cell':16} {'T x B x n':12} {'export':>9}  {'jax.grad':20} {'own forward':20} torch.nn"
    )
    best: list[float] = []
    for cell in chosen.cells.split(","):
        for point in chosen.points.split(","):
            steps, batch, size = map(int, point.split("x"))
            calls = dict(contestants(cell, steps, batch, size))
            agree(cell, calls)
            seconds = measured(calls, chosen.repeats)
            fastest = min((f"unroll {u}" for u in UNROLLS), key=lambda n: median(seconds[n]))
            value, shown = ratio(seconds, fastest)
            best.append(value)
            own = ratio(seconds, "own forward")[1]
            layer = ratio(seconds, "torch.nn")[1] if "torch.nn" in seconds else "-"
            time_ = f"{1e3 * median(seconds['export']):6.2f} ms"
            print(f"{cell:16} {point:12} {time_:>9}  {shown:20} {own:20} {layer}", flush=True)
    print(f"jax.grad: geometric mean {geometric_mean(best):.2f}, worst {min(best):.2f}")


if __name__ == "__main__":
    main()
