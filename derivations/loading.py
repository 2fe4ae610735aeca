"""Where cells come from: a catalogue name, a path, or the equations themselves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from derivations.catalogue import names, read
from derivations.errors import InputError
from derivations.language import parse_cell
from derivations.language.tree import CellSource

if TYPE_CHECKING:
    from derivations.functions import Side
    from derivations.typing.compile import Compiled

LIMIT = 200_000
"""Most characters that a cell may have."""


def cell_text(cell: str) -> tuple[str, str]:
    """The text of a cell and what to call it in messages.

    Args:
        cell: a catalogue name, or the path of a file.

    Raises:
        InputError: neither; the remedy names the closest catalogue entries.
    """
    if cell in names():
        return read(cell), cell
    path = Path(cell)
    if path.suffix or "/" in cell or path.is_file():
        return _file_text(path), path.name
    return read(cell), cell


def _file_text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LIMIT + 1)
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is not a text file", remedy="save it as UTF-8 text with one equation a line"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="give a catalogue name, a readable file, - for standard input, or --eq",
        ) from None
    if len(text) > LIMIT:
        raise InputError(f"{path} is longer than {LIMIT} characters", remedy="shorten it")
    return text


def read_cell(cell: str | Sequence[str]) -> CellSource:
    """Read a cell: a catalogue name, a path, or a list of equations.

    Raises:
        InputError: it does not exist or does not parse.
    """
    if isinstance(cell, str):
        text, name = cell_text(cell)
        return parse_cell(text, source=name)
    return parse_cell(list(cell))


def _compiled(text: str, name: str) -> Compiled:
    """What is kept for a cell holds for the slopes that are taken at kinks."""
    from derivations.functions import slope_taken

    return _compiled_with(text, name, slope_taken())


@lru_cache(maxsize=64)
def _compiled_with(text: str, name: str, side: Side | None) -> Compiled:
    from derivations.typing.compile import compile_cell

    return compile_cell(parse_cell(text, source=name))


def load(cell: str | Sequence[str]) -> Compiled:
    """Read and type a cell; the same text is typed once.

    Args:
        cell: a catalogue name (``"lstm"``), a path, or equations, one string each.

    Raises:
        InputError: it does not exist, does not parse, or its shapes do not fit.
    """
    if isinstance(cell, str):
        return _compiled(*cell_text(cell))
    return _compiled("\n".join(cell), "<input>")
