"""How many claims a second are graded, and in how much memory, at 100 and at 1,000 claims.

    python benchmarks/throughput.py [--jobs N] [--claims N ...] [--seed N]

The claims are printed formulas of ten catalogue cells, and as many with a typical mistake planted
by ``verify/edits``, in random order. Each file is graded by the command line in processes of its
own, without and with the search for mends.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from derivations import catalogue
from derivations.deriver import Deriver
from derivations.language.unparse import unparse
from derivations.loading import load
from derivations.render.text import text
from derivations.typing.compile import Compiled
from verify.claims.typing import read_relation
from verify.edits import EDITS, plant
from verify.identities import identities

CELLS = ("rnn", "rnn-sigmoid", "rnn-leaky", "rnn-deep", "rnn-skip", "lstm", "lstm-peephole", "gru",
         "bi-rnn", "state-space")  # fmt: skip
FORMS = ("adjoint", "closed", "total")
CLI = str(Path(__file__).parents[1] / "cli.py")
PEAK = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a command and prints the most memory that one of its processes held, in KiB."""


def equations(cell: str) -> list[str]:
    """The lines of a catalogue cell without its headers."""
    lines = catalogue.read(cell).splitlines()
    return [line for line in lines if line and not line.startswith(("title:", "source:", "#"))]


def material(cell: str, draw: random.Random) -> Iterator[dict[str, Any]]:
    """Right and wrong claims about a cell, in turn, without end."""
    compiled = load(cell)
    formulas = [
        f"{text(i.formula.left)} = {text(i.formula.right)}"
        for i in identities(Deriver(compiled.cell))[0]
        if i.form in FORMS
    ]
    while True:
        right = draw.choice(formulas)
        yield {"cell": equations(cell), "claim": right}
        yield {"cell": equations(cell), "claim": mistaken(compiled, right, draw)}


def mistaken(compiled: Compiled, right: str, draw: random.Random) -> str:
    """A claim with one mistake of a kind drawn at random."""
    relation = read_relation(compiled, right)
    for edit in draw.sample(EDITS, len(EDITS)):
        made = list(plant(compiled, relation, frozenset({edit.name})))
        if made:
            return unparse(draw.choice(made)[1])
    return right


def claims(count: int, seed: int) -> list[dict[str, Any]]:
    """``count`` different claims, evenly about all cells."""
    draw = random.Random(seed)
    sources = [material(cell, draw) for cell in CELLS]
    found = [next(sources[number % len(sources)]) for number in range(count)]
    draw.shuffle(found)
    return [{"id": number, **claim} for number, claim in enumerate(found)]


def graded(file: str, jobs: int, mend: bool) -> tuple[float, float]:
    """Seconds, and MiB of the largest process."""
    command = [sys.executable, CLI, "check", "--file", file, "--jobs", str(jobs), "--json"]
    command += [] if mend else ["--no-mend"]
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - begun, int(done.stdout.split()[-1]) / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Grade files of several lengths and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--claims", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    table = Table(title=f"Claims about {len(CELLS)} cells, {options.jobs} processes")
    for column in ("claims", "mends", "seconds", "claims/s", "MiB in a process"):
        table.add_column(column, justify="right")
    for count in options.claims:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "claims.jsonl"
            lines = (json.dumps(claim) for claim in claims(count, options.seed))
            file.write_text("\n".join(lines), encoding="utf-8")
            for mend in (False, True):
                seconds, peak = graded(str(file), options.jobs, mend)
                said = "searched" if mend else "none"
                rate = f"{count / seconds:.1f}"
                table.add_row(str(count), said, f"{seconds:.1f}", rate, f"{peak:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
