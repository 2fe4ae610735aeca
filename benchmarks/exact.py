"""How long the exact check of one formula takes.

    python benchmarks/exact.py [--repeats N] [CELL ...]

A check goes through every case of the schedule: all sizes 1 at T = 1, 2, 3, then distinct sizes
at T = 3 and T = 12. Every repeat derives and checks the cell in a process of its own, so that
nothing is remembered from the one before; what the formulas of a cell share is paid for by the
first that needs it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from clock import gradproof
from rich.console import Console
from rich.table import Table

CELLS = ("rnn", "lstm")


@dataclass(frozen=True)
class Times:
    """Milliseconds per formula of one cell: the median, and all of them together."""

    formulas: int
    middle: float
    whole: float


def times(cell: str) -> Times:
    """The times of one process."""
    command = gradproof("verify", cell, "--method", "exact", "--json")
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found = [result["seconds"] * 1e3 for result in report["results"]]
    return Times(len(found), median(found), sum(found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every cell asked for, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("cells", nargs="*", default=CELLS)
    options = parser.parse_args(arguments)
    runs: dict[str, list[Times]] = {cell: [] for cell in options.cells}
    for _ in range(options.repeats):
        for cell, found in runs.items():
            found.append(times(cell))
    table = Table("cell", "formulas", "median of a check", "all checks")
    for cell, found in runs.items():
        table.add_row(
            cell,
            str(found[0].formulas),
            f"{median(run.middle for run in found):.1f} ms",
            f"{median(run.whole for run in found):.0f} ms",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
