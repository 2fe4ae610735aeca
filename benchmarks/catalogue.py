"""Every derived formula of the catalogue against one oracle, at lengths from 1 to 50.

    python benchmarks/catalogue.py [--method autodiff] [--cases 8] [--check] [CELL ...]

The error is the largest relative one among the comparisons that float64 can decide. The others
are counted: many *digits* decided the ill-conditioned ones, *kinks* were decided beside the point,
in *vacuous* ones both sides are zero and nothing was compared. ``--check`` fails where a formula
is wrong, was never compared, or has an error above the limit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from derivations import catalogue
from derivations.loading import load
from verify.cases import SCHEDULE, cases
from verify.report import Report
from verify.run import verify

WIDTH = 100
"""Columns of text, wherever it goes."""
LIMIT = 1e-10
"""Largest relative error of a gradient in float64 that ``--check`` lets pass."""


@dataclass(frozen=True)
class Row:
    """What one cell came to."""

    report: Report
    lengths: tuple[int, int]
    seconds: float

    @property
    def error(self) -> float:
        """The largest one among the comparisons that float64 can decide."""
        return max((r.relative_error or 0.0 for r in self.report.results), default=0.0)

    @property
    def holds(self) -> bool:
        """Whether every formula was compared and agrees within the limit."""
        passed = all(result.status == "pass" for result in self.report.results)
        return passed and self.error <= LIMIT

    def cells(self) -> Iterator[str]:
        """The row as text."""
        results = self.report.results
        yield self.report.cell
        yield "{}-{}".format(*self.lengths)
        yield f"{sum(r.status == 'pass' for r in results)}/{len(results)}"
        for name in ("checks", "ill_conditioned", "kinks", "vacuous"):
            yield str(sum(getattr(result, name) for result in results))
        yield f"{self.error:.1e}"
        yield f"{self.seconds:.1f} s"


COLUMNS = ("cell", "T", "pass", "compared", "digits", "kinks", "vacuous", "error", "time")


def row(cell: str, method: str, count: int) -> Row:
    """One cell, verified and timed."""
    begun = time.perf_counter()
    report = verify(cell, methods=[method], count=count)
    lengths = [next(iter(case.ends.values())) for case in cases(load(cell).cell, count, 0)]
    return Row(report, (min(lengths), max(lengths)), time.perf_counter() - begun)


def main() -> None:
    """Verify every cell, print the table, and check it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CELL", help="all if left out")
    parser.add_argument("--method", choices=["autodiff", "differences"], default="autodiff")
    parser.add_argument("--cases", type=int, default=len(SCHEDULE))
    parser.add_argument("--check", action="store_true", help="fail unless everything holds")
    options = parser.parse_args()

    title = f"Derived formulas against {options.method}, {options.cases} cases a cell"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    rows = []
    progress = Console(stderr=True)
    for name in options.names or catalogue.names():
        progress.print(name)
        rows.append(row(name, options.method, options.cases))
        table.add_row(*rows[-1].cells())
    Console(width=WIDTH).print(table)
    failed = [found.report.cell for found in rows if not found.holds]
    if options.check and failed:
        raise SystemExit(f"not all formulas hold: {', '.join(failed)}")


if __name__ == "__main__":
    main()
