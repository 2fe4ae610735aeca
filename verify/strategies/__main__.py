"""Derive and verify many random cells: ``python -m verify.strategies --count 2000``.

Prints one line per cell that fails, then totals; exit status 1 if any cell failed.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

import click

from verify.strategies.random_cell import random_cell


@dataclass(frozen=True)
class Outcome:
    """What became of one random cell: checks by status, what failed, why nothing was decided."""

    seed: int
    counts: Counter[str]
    failed: list[str]
    undecided: list[str]


def outcome(seed: int, methods: tuple[str, ...]) -> Outcome:
    """Derive and verify one random cell."""
    from verify.run import verify

    text = random_cell(Random(seed))
    try:
        report = verify([text], methods=methods, count=2, seed=seed)
    except Exception as error:  # Whatever it is, the cell is reported and the others are tried.
        return Outcome(seed, Counter(), [f"{type(error).__name__}: {error}"], [])
    return Outcome(
        seed,
        Counter(result.status for result in report.results),
        [result.subject for result in report.failures],
        [result.reason for result in report.results if result.status == "undecided"],
    )


@click.command(epilog="Example: python -m verify.strategies --count 2000 --method exact")
@click.option("--count", default=2000, help="How many cells.")
@click.option("--seed", default=0, help="Seed of the first; the others follow.")
@click.option("--method", default="exact", help="Methods, separated by commas.")
@click.option("--jobs", default=2, help="Processes.")
def main(count: int, seed: int, method: str, jobs: int) -> None:
    """Derive and verify random cells."""
    begun, totals, reasons = time.perf_counter(), Counter[str](), Counter[str]()
    failed: list[int] = []
    methods = tuple(method.split(","))
    with ProcessPoolExecutor(jobs) as pool:
        seeds = range(seed, seed + count)
        for found in pool.map(outcome, seeds, [methods] * count, chunksize=4):
            totals.update(found.counts)
            reasons.update(found.undecided)
            if found.failed:
                failed.append(found.seed)
                click.echo(json.dumps({"seed": found.seed, "failed": found.failed}))
    decided = totals["pass"] + totals["fail"]
    click.echo(
        f"{count} cells, {sum(totals.values())} checks: {totals['pass']} pass, "
        f"{totals['fail']} fail, {totals['undecided']} undecided, {totals['vacuous']} vacuous; "
        f"{decided / max(1, sum(totals.values())):.1%} decided; "
        f"{len(failed)} cells wrong; {time.perf_counter() - begun:.0f} s"
    )
    for reason, times in reasons.most_common(10):
        click.echo(f"  undecided {times} times: {reason}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
