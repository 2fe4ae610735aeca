"""How the time to derive grows: not with the length T, and how with the number of layers.

    python benchmarks/scaling.py [--repeats N] [--layers 1 10 50] [--form adjoint]

Deriving is timed inside one process, without imports, each time from the text of the cell.
A length enters as a number in the cell: the upper end of the sum in its loss.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

from derivations.pipeline import derive

LENGTHS = (5, 10**6)


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


def main() -> None:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--form", choices=["steps", "adjoint", "closed"], default="adjoint")
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


if __name__ == "__main__":
    main()
