"""The designs that come with the tool: text files in a folder, found by walking it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from derivations.catalogue import header
from derivations.errors import InputError
from derivations.loading import LIMIT

_FOLDER = Path(__file__).parent / "catalogue"


def names() -> list[str]:
    """The designs that come with the tool."""
    return sorted(path.stem for path in _FOLDER.glob("*.design"))


def titles() -> list[tuple[str, str]]:
    """Name and title of each."""
    return [(name, header(design_text(name)[0], "title")) for name in names()]


def design_text(name: str) -> tuple[str, str]:
    """The text of a design and what to call it in messages.

    Args:
        name: one of :func:`names`, or the path of a file.

    Raises:
        InputError: there is no such file, or it is not text.
    """
    path = _FOLDER / f"{name}.design" if name in names() else Path(name)
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LIMIT + 1)
    except UnicodeDecodeError:
        raise InputError(f"{name} is not a text file", remedy="save it as UTF-8 text") from None
    except OSError as error:
        close = get_close_matches(name, names(), n=3, cutoff=0.5)
        known = " or ".join(close) or f"one of {', '.join(names())}"
        raise InputError(
            f"{name} cannot be read: {error.strerror or error}",
            remedy=f"give a file, - for standard input, or {known}",
        ) from None
    if len(text) > LIMIT:
        raise InputError(f"{name} is longer than {LIMIT} characters", remedy="shorten it")
    return text, path.name
