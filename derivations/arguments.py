"""What command-line arguments name: a cell from anywhere, an output anywhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path

from derivations.errors import InputError

MOST_INPUT = 200_000
"""Characters read from standard input at most."""


def named_cell(name: str | None, equations: tuple[str, ...]) -> str | list[str]:
    """The cell that the arguments name: equations, standard input, a path or a catalogue name.

    Raises:
        InputError: nothing is given, or too much.
    """
    if equations:
        return list(equations)
    if name is None:
        raise InputError(
            "no cell is given", remedy="give a catalogue name, a file, - or --eq EQUATION"
        )
    if name == "-":
        text = sys.stdin.read(MOST_INPUT + 1)
        if len(text) > MOST_INPUT:
            raise InputError(f"the input is longer than {MOST_INPUT} characters")
        return [text]
    return name


def cell_and(
    arguments: tuple[str, ...], equations: tuple[str, ...], what: str
) -> tuple[str | list[str], str]:
    """CELL and one more argument; with ``--eq`` that argument alone.

    Raises:
        InputError: there are more or fewer.
    """
    expected = 1 if equations else 2
    if len(arguments) != expected:
        shown = what if equations else f"CELL {what}"
        raise InputError(f"expected {shown}, found {len(arguments)} argument(s)")
    return named_cell(None if equations else arguments[0], equations), arguments[-1]


def write(text: str, output: str | None) -> None:
    """Write to a file, or to standard output where none is given.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        print(text)
        return
    try:
        Path(output).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}") from None


@contextmanager
def written_to(output: str | None) -> Iterator[None]:
    """What is printed meanwhile goes to a file, if one is given.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        yield
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(output).open("w", encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{output} cannot be written: {error.strerror or error}") from None
        stack.enter_context(redirect_stdout(file))
        yield
