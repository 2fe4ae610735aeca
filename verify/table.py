"""A report as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify.report import Report, Result

LOOK = {"pass": "green", "fail": "bold red", "vacuous": "yellow", "undecided": "yellow"}


def print_report(report: Report) -> None:
    """Print one row per identity and method, then what failed in full and what is missing."""
    console = Console(highlight=False)
    table = Table(title=report.cell, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("identity", "form", "method", "checks", "error or bound", "verdict"):
        table.add_column(heading, justify="right" if heading == "checks" else "left")
    for result in report.results:
        cells = (result.subject, result.form, result.method, str(result.checks), _size(result))
        table.add_row(*map(Text, cells), Text(result.status, LOOK[result.status]))
    console.print(table)
    for result in report.results:
        _show_failure(console, result)
    for (reason, methods), subjects in _reasons(report).items():
        head = f"{', '.join(subjects)} ({', '.join(methods)})"
        console.print(f"{head}: {reason}", markup=False)
    for missing in report.unavailable:
        console.print(f"{missing['form']} form: {missing['reason']}", markup=False)


def _size(result: Result) -> str:
    if result.bound is not None:
        return f"p < {result.bound:.0e}"
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


def _show_failure(console: Console, result: Result) -> None:
    """The failing case in full."""
    if result.failure is not None:
        failure = result.failure
        head = f"{result.subject} ({result.form}, {result.method})"
        times = ", ".join(f"{name} = {step}" for name, step in failure.at.items())
        console.print(f"{head} fails at {failure.case}{'; ' if times else ''}{times}", markup=False)
        console.print(f"  claimed {failure.claimed}\n  true    {failure.truth}", markup=False)
        console.print(f"  relative error {failure.relative_error:.2e}", markup=False)
