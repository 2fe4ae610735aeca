"""Arithmetic modulo the prime of the exact method: NumPy's residues beside python-flint's matrices.

    pip install python-flint
    python benchmarks/field.py [--repeats N]

One step of a recurrence, W h + b ⊙ h, in as many trials as a check has, then the inverse of every
entry: what the exact method does all day. FLINT has one matrix per trial and no entrywise product,
so its entries are multiplied one by one; NumPy's residues hold all trials in one array. The
results are equal. Inverses are few: a check takes each of them once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from flint import nmod, nmod_mat
from rich.console import Console
from rich.table import Table

from verify.arithmetic import modular
from verify.arithmetic.modular import MODULUS, PRIME
from verify.exact.checker import TRIALS

SIZES = (1, 3, 12, 64)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of a call."""
    found = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return median(found)


def matrices(array: np.ndarray) -> list[nmod_mat]:
    """One FLINT matrix per trial."""
    rows, cols = array.shape[1:]
    return [nmod_mat(rows, cols, trial.ravel().tolist(), PRIME) for trial in array]


def stepped(weight: nmod_mat, state: nmod_mat, bias: nmod_mat) -> nmod_mat:
    """W h + b ⊙ h in one trial."""
    products = [b * h for b, h in zip(bias.entries(), state.entries(), strict=True)]
    return weight * state + nmod_mat(state.nrows(), state.ncols(), products, PRIME)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every size; the two libraries take turns."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=51)
    repeats = parser.parse_args(arguments).repeats
    table = Table("n", "what", "NumPy", "FLINT", "ratio")
    draw = np.random.default_rng(0)
    for n in SIZES:
        weight, state, bias = (
            draw.integers(1, PRIME, size=(TRIALS, n, cols), dtype=np.uint64) for cols in (n, 1, 1)
        )
        flints = list(zip(*map(matrices, (weight, state, bias)), strict=True))

        def residues(w: np.ndarray = weight, h: np.ndarray = state, b: np.ndarray = bias) -> object:
            return (modular.matmul(w, h) + b * h % MODULUS) % MODULUS

        def flint(trials: list = flints) -> object:
            return [stepped(*trial) for trial in trials]

        assert [entry for matrix in flint() for entry in map(int, matrix.entries())] == list(
            map(int, residues().ravel())
        )
        inverses = (
            lambda h=state: modular.inverse(h),
            lambda trials=flints: [[nmod(1, PRIME) / x for x in t[1].entries()] for t in trials],
        )
        for what, pair in {"W h + b ⊙ h": (residues, flint), "1 / h": inverses}.items():
            ours, theirs = (seconds(work, repeats) for work in pair)
            row = f"{ours * 1e6:.0f} µs", f"{theirs * 1e6:.0f} µs", f"{ours / theirs:.2f}"
            table.add_row(str(n), what, *row)
    Console().print(table)


if __name__ == "__main__":
    main()
