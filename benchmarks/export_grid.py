"""The grid of ``benchmarks/export.py``, point by point: each in a process and a time of its own.

``python benchmarks/export_grid.py RESULTS [--limit 120] [--total 600] [--cache FOLDER --compile]``

What RESULTS holds already is left out, so the grid can be run in pieces, whenever the machine is
still: ``--total`` ends a piece after so many seconds, between two points. A point that takes longer
than ``--limit`` is stopped and written down as such. Small points come first. Compiling takes
longer than running: a piece with ``--compile`` fills the cache and measures nothing.

``--keep-memory`` has the C library keep freed memory for all contestants: glibc gives blocks above
32 MiB back to the system after each call, and the next one waits for its pages again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path

CELLS = "rnn,lstm,gru,lstm-peephole,minimal"
STEPS, BATCHES, SIZES = (50, 100, 200, 1000), (1, 16, 32, 64), (16, 64, 128, 256, 512)
GRID = ",".join(
    f"{t}x{b}x{n}"
    for t, b, n in sorted(product(STEPS, BATCHES, SIZES), key=lambda p: (prod(p) * p[2], p))
)
KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**36)}
"""What tells glibc to keep freed memory."""


def done(results: Path) -> set[tuple[str, str]]:
    """The points of a file of results."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return {(row["cell"], row["point"]) for row in map(json.loads, lines)}


def left(chosen: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """The points that are not measured yet, cells side by side."""
    known = set() if chosen.compile else done(chosen.results)
    for point, cell in product(chosen.points.split(","), chosen.cells.split(",")):
        if (cell, point) not in known:
            yield cell, point


def run(cell: str, point: str, chosen: argparse.Namespace) -> str:
    """Measure one point, or write down that it took too long; what came of it."""
    command = [sys.executable, str(Path(__file__).parent / "export.py"), "--cells", cell,
               "--points", point, "--seconds", str(chosen.seconds)]  # fmt: skip
    command += ["--compile"] if chosen.compile else ["--results", str(chosen.results)]
    command += ["--cache", chosen.cache] if chosen.cache else []
    command += ["--only-jax"] if chosen.only_jax else []
    environment = {**os.environ, **(KEPT if chosen.keep_memory else {})}
    try:
        subprocess.run(
            command, check=True, env=environment, timeout=chosen.limit, stdout=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        if not chosen.compile:
            row = {"cell": cell, "point": point, "limit": chosen.limit}
            with chosen.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        return f"stopped after {chosen.limit:g} s"
    except subprocess.CalledProcessError:
        raise SystemExit(f"{cell} {point} failed") from None
    return "compiled" if chosen.compile else "measured"


def main() -> None:
    """Run a piece of the grid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--cells", default=CELLS)
    parser.add_argument("--points", default=GRID)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each point")
    parser.add_argument("--total", type=float, default=600.0, help="seconds for this piece")
    parser.add_argument("--seconds", type=float, default=2.0, help="of repeats at each point")
    parser.add_argument("--only-jax", action="store_true", help="neither PyTorch nor NumPy")
    parser.add_argument("--cache", help="a folder for what is compiled")
    parser.add_argument("--compile", action="store_true", help="compile, and measure nothing")
    parser.add_argument("--keep-memory", action="store_true", help="freed memory is not given back")
    chosen = parser.parse_args()
    begun, waiting = time.monotonic(), [*left(chosen)]
    for place, (cell, point) in enumerate(waiting):
        if time.monotonic() - begun > chosen.total:
            print(f"{len(waiting) - place} points are left")
            return
        print(f"{cell} {point}: {run(cell, point, chosen)}", flush=True)
    print("no point is left")


if __name__ == "__main__":
    main()
