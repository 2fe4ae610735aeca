"""Memory and time of gradients with everything stored, and by segments, of the same export.

``python benchmarks/memory.py [--cell lstm] [--point 10000x1x256] [--checkpoint sqrt]``

A point is T x B x n. JAX: what the compiled program needs beside its arguments and results. NumPy:
the peak of what is allocated during a call, less the arguments. Times are medians over
interleaved repeats; processor seconds with ``--processor-time``.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from statistics import median, quantiles
from typing import Any

import jax
import numpy as np
from export import example, half_square, measured, module_of

from derivations.render.code import export

WAYS = ("stored", "segments")


def by_jax(cell: str, checkpoint: str, point: tuple[int, int, int]) -> dict[str, tuple[Any, int]]:
    """Calls of the compiled gradients, and bytes that each needs."""
    found = {}
    for way, length in zip(WAYS, (None, checkpoint), strict=True):
        module = module_of(export(cell, "jax", checkpoint=length))
        params, data = example(module, *point)

        def run(params: Any, data: Any, module: Any = module) -> Any:
            return module.loss_and_grad(params, data, ell=half_square)

        compiled = jax.jit(run).lower(params, data).compile()
        needed = compiled.memory_analysis().temp_size_in_bytes
        found[way] = _ready(compiled, params, data), int(needed)
    return found


def _ready(compiled: Any, *arguments: Any) -> Any:
    return lambda: jax.block_until_ready(compiled(*arguments))


def by_numpy(cell: str, checkpoint: str, point: tuple[int, int, int]) -> dict[str, tuple[Any, int]]:
    """Calls of the NumPy module, and the peak of what each allocates."""
    found = {}
    for way, length in zip(WAYS, (None, checkpoint), strict=True):
        module = module_of(export(cell, "numpy", checkpoint=length))
        like = module_of(export(cell, "jax"))
        given = [{n: np.asarray(x) for n, x in a.items()} for a in example(like, *point)]

        def run(module: Any = module, given: Any = given) -> Any:
            functions = {
                "ell": half_square,
                "ell_vjp": lambda above, *parts: (0, above * parts[-1]),
            }
            return module.loss_and_grad(*given, **functions)

        tracemalloc.start()
        run()
        found[way] = run, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return found


def main() -> None:
    """Measure both libraries and print what each way takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", default="lstm")
    parser.add_argument("--point", default="10000x1x256")
    parser.add_argument("--checkpoint", default="sqrt")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--processor-time", action="store_true")
    chosen = parser.parse_args()
    steps, batch, size = map(int, chosen.point.split("x"))
    clock = time.process_time if chosen.processor_time else time.perf_counter
    print("| library | stored | segments | share | stored | segments | time x |")
    print("|---|---|---|---|---|---|---|")
    for library, ways in (("JAX", by_jax), ("NumPy", by_numpy)):
        found = ways(chosen.cell, chosen.checkpoint, (steps, batch, size))
        seconds = measured({way: call for way, (call, _) in found.items()}, chosen.repeats, clock)
        bytes_ = [found[way][1] for way in WAYS]
        times = [median(seconds[way]) for way in WAYS]
        pairs = zip(seconds["segments"], seconds["stored"], strict=True)
        low, middle, high = quantiles([a / b for a, b in pairs], n=4)
        shown = [
            library, *(f"{b / 2**20:.1f} MiB" for b in bytes_), f"{bytes_[1] / bytes_[0]:.1%}",
            *(f"{t:.2f} s" for t in times), f"{middle:.2f} [{low:.2f}, {high:.2f}]",
        ]  # fmt: skip
        print(f"| {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
