"""A report as a table: drawn on a terminal, plain columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from verify.report import Report, Result

LEAST = 1e-300
"""A bound too small for a float is printed as this one."""
LOOK = {"pass": "green", "fail": "bold red", "vacuous": "yellow", "undecided": "yellow"}
HEADINGS = ("identity", "form", "method", "checks", "error or bound", "verdict")


def print_report(report: Report) -> None:
    """Print one row per identity and method, then what failed in full and what is missing."""
    rows = [cells(result) for result in report.results]
    if sys.stdout.isatty():
        _draw(report.cell, rows)
    else:
        # What reads a pipe needs neither colours nor boxes, nor the wait for who draws them.
        click.echo(f"{report.cell}\n")
        for line in _columns([HEADINGS, *rows]):
            click.echo(line)
        click.echo()
    for line in remarks(report):
        click.echo(line)


def cells(result: Result) -> tuple[str, ...]:
    """The row of one result, as :data:`HEADINGS` names its columns."""
    checks = str(result.checks)
    return result.subject, result.form, result.method, checks, _size(result), result.status


def _draw(title: str, rows: list[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading == "checks" else "left")
    for *cells, status in rows:
        table.add_row(*map(Text, cells), Text(status, LOOK[status]))
    Console(highlight=False).print(table)


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    counts = HEADINGS.index("checks")
    for row in rows:
        cells = [
            cell.rjust(width) if place == counts else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def remarks(report: Report) -> Iterator[str]:
    """What failed, line by line and in full, and why the rest was not decided."""
    for result in report.results:
        yield from _failure(result)
    for (reason, methods), subjects in _reasons(report).items():
        yield f"{', '.join(subjects)} ({', '.join(methods)}): {reason}"
    for missing in report.unavailable:
        yield f"{missing['form']} form: {missing['reason']}"


def _size(result: Result) -> str:
    if result.bound is not None:
        return f"p < {max(result.bound, LEAST):.0e}"
    return "" if result.relative_error is None else f"{result.relative_error:.1e}"


def _reasons(report: Report) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """What nothing was decided about, by the reason and the methods that give it."""
    methods: dict[tuple[str, str], dict[str, None]] = {}
    for result in report.results:
        if result.reason and result.status != "pass" and result.failure is None:
            methods.setdefault((result.reason, result.subject), {})[result.method] = None
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (reason, subject), given in methods.items():
        found.setdefault((reason, tuple(given)), []).append(subject)
    return found


def _failure(result: Result) -> Iterator[str]:
    """The failing case in full."""
    if result.failure is not None:
        failure = result.failure
        head = f"{result.subject} ({result.form}, {result.method})"
        times = ", ".join(f"{name} = {step}" for name, step in failure.at.items())
        yield f"{head} fails at {failure.case}{'; ' if times else ''}{times}"
        yield f"  claimed {failure.claimed}\n  true    {failure.truth}"
        yield f"  relative error {failure.relative_error:.2e}"
