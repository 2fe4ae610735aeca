"""Train a character model with an exported LSTM and with jax.grad, step by step, side by side.

``python benchmarks/characters.py [FILE] [--size N] [--steps T] [--batch B] [--updates N]``

The text is a file's (this repository's README without one). Both models are the same equations,
start from the same numbers and see the same batches; one takes its gradients from the exported
module, the other from jax.grad of the equations as they stand, in one lax.scan. Printed are both
losses, how far they are apart, and the time of an update of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from export import module_of, plain

from derivations.program.rewrites import REWRITE_NAMES
from derivations.render.code import export

MODEL = [
    "title: Character model, an LSTM with a readout",
    "f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)",
    "i[t] = sigmoid(W_i @ x[t] + U_i @ h[t-1] + b_i)",
    "o[t] = sigmoid(W_o @ x[t] + U_o @ h[t-1] + b_o)",
    "g[t] = tanh(W_g @ x[t] + U_g @ h[t-1] + b_g)",
    "c[t] = f[t] * c[t-1] + i[t] * g[t]",
    "h[t] = o[t] * tanh(c[t])",
    "p[t] = W_p @ h[t] + b_p",
    "loss = 1/T * sum(t, 1, T, cross_entropy(p[t], y[t]))",
]
Arrays = dict[str, Any]
Gradient = Callable[[Arrays, Arrays], tuple[Any, Arrays]]


def ways() -> tuple[Any, dict[str, Gradient]]:
    """The exported module, and every way to its loss and gradients."""
    ours, as_typed = module_of(export(MODEL, "jax")), module_of(export(MODEL, "jax", REWRITE_NAMES))
    return ours, {
        "export": jax.jit(ours.loss_and_grad),
        "jax.grad": jax.jit(jax.value_and_grad(plain(as_typed, {}))),
    }


def batches(text: str, steps: int, batch: int) -> Iterator[Arrays]:
    """One-hot characters and the ones that follow them, from random places; without end.

    Yields:
        ``x`` and ``y`` of shape (steps, batch, characters).
    """
    letters = sorted(set(text))
    codes = np.array([letters.index(c) for c in text])
    rng, one_hot = np.random.default_rng(0), np.eye(len(letters))
    while True:
        places = rng.integers(0, len(codes) - steps, batch)
        seen = np.stack([codes[p : p + steps + 1] for p in places], 1)
        yield {"x": jnp.asarray(one_hot[seen[:-1]]), "y": jnp.asarray(one_hot[seen[1:]])}


def trained(
    gradients: Mapping[str, Gradient], params: Arrays, data: Iterator[Arrays], updates: int,
    rate: float,
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:  # fmt: skip
    """Adam with each way's own gradients: the losses and the seconds of every update."""
    state = {way: (params, *(2 * [jax.tree.map(jnp.zeros_like, params)])) for way in gradients}
    losses: dict[str, list[float]] = {way: [] for way in gradients}
    seconds: dict[str, list[float]] = {way: [] for way in gradients}
    for update, batch in zip(range(1, updates + 1), data, strict=False):
        examples = batch["x"].shape[1]
        for way, gradient in gradients.items():
            own, first, second = state[way]
            start = time.perf_counter()
            loss, found = jax.block_until_ready(gradient(own, batch))
            seconds[way].append(time.perf_counter() - start)
            losses[way].append(float(loss) / examples)
            state[way] = adam(own, first, second, found, update, rate, examples)
    return losses, seconds


@jax.jit
def adam(
    params: Arrays, first: Arrays, second: Arrays, found: Arrays, update: Any, rate: Any,
    examples: Any,
) -> tuple[Arrays, Arrays, Arrays]:  # fmt: skip
    """One update (Kingma and Ba 2015), with the mean over the examples of a batch."""
    mean = jax.tree.map(lambda g: g / examples, found)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, mean)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, mean)

    def moved(p: Any, m: Any, v: Any) -> Any:
        slope = m / (1 - 0.9**update)
        return p - rate * slope / (jnp.sqrt(v / (1 - 0.999**update)) + 1e-8)

    return jax.tree.map(moved, params, first, second), first, second


def main() -> None:
    """Train both and print their losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    readme = Path(__file__).parents[1] / "README.md"
    parser.add_argument("file", nargs="?", type=Path, default=readme)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--updates", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.003)
    chosen = parser.parse_args()
    text = chosen.file.read_text(encoding="utf-8")
    module, gradients = ways()
    letters = len(set(text))
    params = module.init_params(jax.random.key(0), n=chosen.size, m=letters, d=letters)
    data = batches(text, chosen.steps, chosen.batch)
    losses, seconds = trained(gradients, params, data, chosen.updates, chosen.rate)
    print(f"{'update':>6}  {'export':>10}  {'jax.grad':>10}  apart")
    for k in sorted({0, *range(chosen.updates // 10 - 1, chosen.updates, chosen.updates // 10)}):
        one, other = (losses[way][k] for way in gradients)
        print(f"{k + 1:6}  {one:10.6f}  {other:10.6f}  {abs(one - other):.1e}")
    times = {way: 1e3 * median(found[1:]) for way, found in seconds.items()}
    pairs = zip(seconds["jax.grad"][1:], seconds["export"][1:], strict=True)
    print(
        f"gradients: export {times['export']:.1f} ms, jax.grad {times['jax.grad']:.1f} ms, "
        f"ratio {median(a / b for a, b in pairs):.2f}"
    )


if __name__ == "__main__":
    main()
