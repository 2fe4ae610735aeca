"""How the time to derive grows: not with the length T, and how with the number of layers.

    python benchmarks/scaling.py [--repeats N] [--layers 1 10 50] [--form adjoint] [--peers]

Deriving is timed inside one process, without imports, each time from the text of the cell.
A length enters as a number in the cell: the upper end of the sum in its loss. ``--peers`` times the
gradient of ½‖h_T‖² in W of the same RNN, unrolled: by SymPy, with two entries to a state, and by
tensorgrad, where it is installed; each until one length takes more than ten seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from derivations.pipeline import derive

LENGTHS = (5, 10**6)
ENOUGH = 10.0
"""Seconds after which a peer is not asked for a longer sequence."""


def of_length(steps: int) -> list[str]:
    """An RNN over this many steps."""
    return [
        "h[t] = tanh(W @ h[t-1] + U @ x[t] + b)",
        f"loss = sum(t, 1, {steps}, ell(h[t], y[t]))",
    ]


def of_depth(layers: int) -> list[str]:
    """An RNN of this many layers, each with weights of its own."""
    below = ["x", *(f"h_{k}" for k in range(1, layers))]
    stack = [
        f"h_{k}[t] = tanh(W_{k} @ h_{k}[t-1] + U_{k} @ {source}[t] + b_{k})"
        for k, source in enumerate(below, start=1)
    ]
    return [*stack, f"loss = sum(t, 1, T, ell(h_{layers}[t], y[t]))"]


def by_sympy(steps: int) -> Callable[[], Any]:
    """The gradient of the unrolled RNN in every entry of W, in SymPy."""
    import sympy

    weights = sympy.Matrix(2, 2, lambda i, j: sympy.Symbol(f"W{i}{j}"))
    state = sympy.Matrix(2, 1, lambda i, _: sympy.Symbol(f"h{i}"))
    for t in range(steps):
        added = sympy.Matrix(2, 1, lambda i, _, t=t: sympy.Symbol(f"x{t}{i}"))
        state = (weights * state + added).applyfunc(sympy.tanh)
    loss = state.dot(state) / 2
    return lambda: [loss.diff(entry) for entry in weights]


def by_tensorgrad(steps: int) -> Callable[[], Any]:
    """The same with a state of any size, in tensorgrad."""
    import sympy
    import tensorgrad
    from tensorgrad import functions

    size = sympy.Symbol("n")
    weights = tensorgrad.Variable("W", i=size, j=size)
    state = tensorgrad.Variable("h", i=size)
    for t in range(steps):
        added = tensorgrad.Variable(f"x{t}", i=size)
        state = functions.tanh(weights @ state.rename(i="j") + added)
    loss = functions.sum(state * state) / 2
    return lambda: tensorgrad.Derivative(loss, weights).full_simplify()


def peers() -> Iterator[tuple[str, float]]:
    """Seconds of each peer at growing lengths."""
    for name, make in {"SymPy": by_sympy, "tensorgrad": by_tensorgrad}.items():
        steps, elapsed = 1, 0.0
        while importlib.util.find_spec(name.lower()) and elapsed < ENOUGH:
            run = make(steps)
            start = time.perf_counter()
            run()
            elapsed = time.perf_counter() - start
            yield f"{name} T = {steps}", elapsed
            steps += 1


def main() -> None:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--form", choices=["steps", "adjoint", "closed"], default="adjoint")
    parser.add_argument("--peers", action="store_true", help="also what others take")
    options = parser.parse_args()

    cells = {f"T = {steps}": of_length(steps) for steps in LENGTHS}
    cells |= {f"{layers} layer(s)": of_depth(layers) for layers in options.layers}
    seconds: dict[str, list[float]] = {name: [] for name in cells}
    for turn in range(options.repeats + 1):
        for name, cell in cells.items():
            # A title of its own: the same text would be read and typed only once.
            titled = [f"title: turn {turn}", *cell]
            start = time.perf_counter()
            derive(titled, form=options.form)
            elapsed = time.perf_counter() - start
            # The first round fills SymPy's caches and is not counted.
            if turn:
                seconds[name].append(elapsed)

    print(f"derive, form {options.form}, median of {options.repeats}, in turns  [fastest, slowest]")
    for name, found in seconds.items():
        print(f"{name:>14}  {median(found):8.4f} s  [{min(found):.4f}, {max(found):.4f}]")
    for name, elapsed in peers() if options.peers else ():
        print(f"{name:>18}  {elapsed:8.4f} s", flush=True)


if __name__ == "__main__":
    main()
