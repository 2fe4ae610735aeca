"""Backward passes step by step and joined, side by side, and which of them an export chooses.

``PYTHONPATH=. python benchmarks/joined.py [--to jax,numpy,torch] [--points 1000x1x8]``

A point is T x B x n. Each line compares one call of a module's backward pass, in float32 and
compiled where the library compiles, with every recurrence a loop and with every one joined:
milliseconds of the fastest call of many, and what the module's cost model takes at that size. Where
the model is wrong, the numbers of ``overheads`` in ``derivations/render/code`` are what to mend;
JAX and PyTorch run on whatever device they find.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
from export import module_of

from derivations.render.code import dialect_of, export

LOSS = "loss = sum(t, 1, T, squared_error(h[t], y[t]))"
CELLS = {
    "linear": ["h[t] = A @ h[t-1] + W @ x[t]", LOSS],
    "rnn": ["h[t] = tanh(A @ h[t-1] + W @ x[t])", LOSS],
    "gated": [
        "f[t] = sigmoid(F @ h[t-1] + V @ x[t])",
        "h[t] = f[t] * h[t-1] + (1 - f[t]) * tanh(A @ h[t-1] + W @ x[t])", LOSS,
    ],
}  # fmt: skip
POINTS = "200x1x4,200x16x4,1000x1x4,1000x1x16,1000x1x32,1000x16x4,1000x16x16"
WAYS = {"loop": (0, 10**18, 0), "joined": (10**18, 0, 0)}


def given(module: ModuleType, to: str, steps: int, batch: int, size: int) -> Iterator[Any]:
    """Parameters with a spectral radius below one, and data."""
    draw = np.random.default_rng(0).standard_normal
    params = {n: 0.5 * draw([size] * len(f)) / size**0.5 for n, f in module.PARAMETERS.items()}
    yield {n: tensor(x, to) for n, x in params.items()}
    yield {n: tensor(draw((steps, batch, size)), to) for n in ("x", "y")}


def tensor(x: Any, to: str) -> Any:
    """An array of a library, in float32."""
    short = np.asarray(x, np.float32)
    if to != "torch":
        return short
    import torch

    return torch.as_tensor(short, device="cuda" if torch.cuda.is_available() else "cpu")


def backward(module: ModuleType, to: str, params: Any, data: Any) -> Callable[[], Any]:
    """A call of the backward pass, compiled where it can be; done when it returns."""
    values, sizes, batch = module.checked(params, data, tuple(module.GIVEN))
    values |= module._forward(values, sizes, batch)
    if to == "jax":
        import jax

        compiled = jax.jit(lambda v: module._backward(v, sizes, batch)).lower(values).compile()
        return lambda: jax.block_until_ready(compiled(values))
    if to == "torch":
        import torch

        wait = torch.cuda.synchronize if torch.cuda.is_available() else lambda: None
        return lambda: (module._backward(values, sizes, batch), wait())
    return lambda: module._backward(values, sizes, batch)


def fastest(call: Callable[[], Any], enough: float) -> float:
    """Milliseconds of the fastest call within some seconds."""
    call()
    taken, end = [], time.perf_counter() + enough
    while len(taken) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return 1e3 * min(taken)


def chosen(module: ModuleType, to: str, params: Any, data: Any) -> str:
    """What the module takes by itself."""
    module.OVERHEADS.update(dialect_of(to).overheads)
    kept, asked = module.joins, []
    module.joins = lambda *numbers: asked.append(kept(*numbers)) or asked[-1]
    backward(module, to, params, data)()
    module.joins = kept
    return "joined" if asked[-1] else "loop"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", default="jax,numpy,torch")
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--points", default=POINTS)
    parser.add_argument("--seconds", type=float, default=0.3, help="for each way")
    options = parser.parse_args()
    print("| library | cell | T x B x n | loop | joined | chosen |\n|---|---|---|---|---|---|")
    for to in options.to.split(","):
        for cell in options.cells.split(","):
            module = module_of(export(CELLS[cell], to))
            for point in options.points.split(","):
                params, data = given(module, to, *map(int, point.split("x")))
                taken = []
                for overheads in WAYS.values():
                    module.OVERHEADS.update(dict.fromkeys(module.OVERHEADS, overheads))
                    taken.append(fastest(backward(module, to, params, data), options.seconds))
                own = chosen(module, to, params, data)
                row = [to, cell, point, *(f"{ms:.2f} ms" for ms in taken), own]
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
