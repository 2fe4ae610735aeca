"""A file of claims graded line by line: streamed in order, one bad line never stops the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from derivations.errors import GradproofError, InputError
from derivations.functions import Side, slope_taken, taking_slopes
from verify.claims.desks import spread
from verify.claims.grade import Grade

MOST_GRADES = 256
"""Grades that are kept for further lines with the same cell and claim."""
LONGEST_LINE = 200_000
"""Characters that one line may have."""


@dataclass(frozen=True)
class Graded:
    """One line of a file with its grade; ``id`` is what the line calls itself."""

    id: Any
    grade: Grade

    def as_json(self) -> str:
        """The line of output."""
        return json.dumps(self.grade.as_dict(self.id), ensure_ascii=False)


@dataclass(frozen=True)
class Options:
    """How every claim of a file is graded; see :func:`verify.checking.check`.

    Attributes:
        kinks: the slopes that are taken at kinks, in other processes too.
    """

    methods: tuple[str, ...] = ("exact",)
    seed: int = 0
    mend: bool = True
    kinks: Side | None = field(default_factory=slope_taken)


def grade_file(path: str, options: Options, jobs: int = 1) -> Iterator[Graded]:
    """Grade every line that is not blank, in order, as the grades become ready.

    Raises:
        InputError: the file cannot be read.
    """
    lines = _lines(path)
    work = partial(grade_line, options)
    if jobs <= 1:
        yield from map(work, lines)
    else:
        yield from spread(work, lines, cell_of, jobs, preload="verify.claims.warm")


def cell_of(line: str) -> str:
    """What a line says its cell is; empty where it cannot be read."""
    try:
        return json.dumps(_entry(line).get("cell"))
    except InputError:
        return ""


def count_lines(path: str) -> int:
    """How many lines of a file are to be graded.

    Raises:
        InputError: the file cannot be read.
    """
    return sum(1 for _ in _lines(path))


def grade_line(options: Options, line: str) -> Graded:
    """The grade of one line of JSON; whatever is wrong with it stands in the grade's error."""
    name: Any = None
    claim = ""
    try:
        entry = _entry(line)
        name = entry.get("id")
        cell, claim = _asked(entry)
        with taking_slopes(options.kinks):
            return Graded(name, _graded(options, cell, claim))
    except GradproofError as error:
        return Graded(name, Grade(None, error=str(error), claim=claim))
    except RecursionError:
        return Graded(name, Grade(None, error="an expression is nested too deeply", claim=claim))
    except MemoryError:
        return Graded(
            name, Grade(None, error="the claim needs more memory than there is", claim=claim)
        )


@lru_cache(maxsize=MOST_GRADES)
def _graded(options: Options, cell: str | tuple[str, ...], claim: str) -> Grade:
    """The grade of a claim; in a class many make the same one."""
    # Not before: the process that hands lines to others grades none itself.
    from verify.checking import check

    about = cell if isinstance(cell, str) else list(cell)
    return check(about, claim, options.methods, options.seed, options.mend, brief=True)


def _entry(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise InputError(f"the line is longer than {LONGEST_LINE} characters")
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise InputError(f"the line is not JSON: {error}") from None
    if not isinstance(entry, dict):
        raise InputError('a line is an object with "cell" and "claim"')
    return entry


def _asked(entry: dict[str, Any]) -> tuple[str | tuple[str, ...], str]:
    cell, claim = entry.get("cell"), entry.get("claim")
    if not isinstance(claim, str):
        raise InputError('"claim" must be a text', remedy='write "claim": "dL/dW = …"')
    if isinstance(cell, str):
        return cell, claim
    if isinstance(cell, list) and cell and all(isinstance(line, str) for line in cell):
        return tuple(cell), claim
    raise InputError(
        '"cell" must be a list of equations or a catalogue name',
        remedy='write "cell": ["h[t] = …", …]',
    )


def _lines(path: str) -> Iterator[str]:
    """Lines that are not blank; of one that is too long, just enough for that to be seen."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            while line := file.readline(LONGEST_LINE + 1):
                rest = line
                while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
                    rest = file.readline(LONGEST_LINE + 1)
                if line.strip():
                    yield line
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text file", remedy="save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def file_status(statuses: Sequence[int]) -> int:
    """The exit status of a file: 2 with a bad line, else 1 with a wrong claim, else 3, else 0."""
    return next((status for status in (2, 1, 3) if status in statuses), 0)


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """A bar on standard error, where that is a terminal; called once for every grade."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("claims", total=total)
        yield lambda: bar.advance(task)
