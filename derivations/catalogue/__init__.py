"""The catalogue: one text file per cell and per loss, found by walking this folder."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from derivations.errors import InputError

_FOLDERS = {".cell": "cells", ".loss": "losses"}


def names() -> list[str]:
    """Names of all cells, sorted."""
    return sorted(_texts(".cell"))


def read(name: str) -> str:
    """Text of the cell ``name``.

    Raises:
        InputError: there is no such cell; the remedy names the closest ones.
    """
    texts = _texts(".cell")
    if name not in texts:
        raise InputError(f"there is no cell called '{name}'", remedy=_remedy(name, texts))
    return texts[name]


def _remedy(name: str, texts: Iterable[str]) -> str:
    from difflib import get_close_matches

    from derivations.topics import is_topic

    if is_topic(name):
        return (
            f"It is a topic: ask to derive {name}, to verify {name}, or to check a claim about it."
        )
    close = get_close_matches(name.lower().replace("_", "-"), texts, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return "'list cells' names them all, 'list topics' and 'list designs' what is no cell."


def summaries() -> dict[str, tuple[str, str]]:
    """Title and source of every cell, by name."""
    return {name: (header(read(name), "title"), header(read(name), "source")) for name in names()}


def losses() -> dict[str, str]:
    """Text of every loss, by name."""
    return dict(sorted(_texts(".loss").items()))


def header(text: str, key: str) -> str:
    """The value of the header line ``key: value`` of a cell or loss; empty if it has none."""
    for line in text.splitlines():
        found, separator, value = line.partition(":")
        if separator and found.strip() == key:
            return value.strip()
    return ""


@cache
def _texts(suffix: str) -> dict[str, str]:
    folder = Path(__file__).parent / _FOLDERS[suffix]
    return {file.stem: file.read_text(encoding="utf-8") for file in folder.glob(f"*{suffix}")}
