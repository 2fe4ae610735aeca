"""Long formulas of the text language on several lines, which the parser reads as one.

A line may end where the next one opens with an operator, and behind a comma in brackets. What
binds most weakly is parted first, so that what belongs together stays together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SUMS, OPERATORS = frozenset("+-"), frozenset("+ - * / @ **".split())
INDENT = 2
"""Blanks in front of a further line, and again for every bracket that is open there."""
_WORD = re.compile(r"\S+")
_EARLIEST = 0.4
"""Part of a line before which it is cut only where nothing else can be."""


@dataclass(frozen=True)
class _Break:
    """A place where a line may begin; of several the one of the lowest rank is taken."""

    place: int
    depth: int
    rank: int


def wrapped(formula: str, room: int) -> list[str]:
    """The lines of a formula, each at most ``room`` characters long where there is a way."""
    lines: list[str] = []
    start, indent = 0, 0
    breaks = _breaks(formula)
    while len(formula) - start > room - indent:
        breaks = [one for one in breaks if one.place > start]
        if not breaks:
            break
        chosen = _chosen(breaks, start, room - indent)
        lines.append(" " * indent + formula[start : chosen.place].rstrip())
        start, indent = chosen.place, INDENT * (1 + chosen.depth)
    return [*lines, " " * indent + formula[start:]]


def _chosen(breaks: list[_Break], start: int, room: int) -> _Break:
    """The weakest place that fits, late in the line; the first one if none does."""
    fitting = [one for one in breaks if one.place - 1 - start <= room]
    late = [one for one in fitting if one.place - start > _EARLIEST * room]
    return min(late or fitting or breaks[:1], key=lambda one: (one.rank, -one.place))


def _breaks(formula: str) -> list[_Break]:
    found: list[_Break] = []
    depth, comma = 0, False
    for match in _WORD.finditer(formula):
        word, place = match.group(), match.start()
        if place and word in OPERATORS:
            found.append(_Break(place, depth, 3 * depth + 1 + (word not in SUMS)))
        elif comma and depth:
            found.append(_Break(place, depth, 3 * depth))
        depth += _opened(word)
        comma = word.endswith(",")
    return found


def _opened(text: str) -> int:
    """How many brackets are open behind ``text``."""
    return sum(map(text.count, "([")) - sum(map(text.count, ")]"))


def closed(text: str) -> bool:
    """Whether no bracket is open at the end."""
    return _opened(text) == 0
