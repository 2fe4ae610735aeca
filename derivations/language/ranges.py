"""Ranges behind an equation, as in ``e_s = …, s = 2, …, S``: from which time on it holds.

An equation holds at every step of its axis, so a range from the first one says what the axis says
already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLANK = r"(?:\s|~|\\[,;:!> ]|\\q?quad(?![A-Za-z])|&)*+"  # possessive: no backtracking
_WORD = r"(?:for(?:\s+(?:all|each|every))?|where|with)"
_FOR = rf"(?:\\(?:text|mathrm|mbox)\s*\{{\s*{_WORD}\s*\}}|\b{_WORD}\b|\\forall(?![A-Za-z])|∀)"
_LETTER = r"(?:\\tau(?![A-Za-z])|\btau\b|[a-zτ])"
_DOTS = r"(?:\\(?:ldots|dots|cdots|dotsc)(?![A-Za-z])|\.{2,3}|…)"
_LAST = r"[A-Z](?:_(?:\w|\{\w+\}))?(?:\s*-\s*\d+)?"
_NEXT = rf"{_BLANK}(?:,{_BLANK})?"
_LISTED = rf"\d+{_NEXT}(?:\d+{_NEXT}){{0,2}}{_DOTS}{_NEXT}{_LAST}"
_IN = rf"{_BLANK}(?:=|:|\\in(?![A-Za-z])|∈){_BLANK}(?:\\?\{{{_BLANK})?"
_LE = rf"{_BLANK}(?:<=|≤|\\leq?(?![A-Za-z])){_BLANK}"
_VALUES = rf"{_LETTER}{_IN}{_LISTED}{_BLANK}(?:\\?\}})?|\d+{_LE}{_LETTER}{_LE}{_LAST}"
_RANGE = (
    rf"(?<!\s)[,;]?{_BLANK}(?P<open>[(\[]{_BLANK})?"
    rf"(?:(?:{_FOR}{_BLANK})?(?:{_VALUES})|{_FOR}{_BLANK}{_LETTER})"
    rf"{_BLANK}(?(open)[)\]]{_BLANK})[.,;]?\s*(?=\\\\|\\end|\\\]|\$|$)"
)


_FIRST = rf"({_LETTER}){_IN}(\d+)|(\d+){_LE}({_LETTER})"
_SIGNS = ("..", "…", "dots", "<=", "≤", "\\le", "for", "where", "with", "∀")
"""Every range has one of them; most lines have none, and no pattern is compiled for those."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``start`` to ``end`` of a line, and the letter and first number of the range behind it."""

    start: int
    end: int
    letter: str = ""
    first: int = 1


def outside_ranges(text: str) -> Iterator[Stretch]:
    """The stretches of a line of equations that are no ranges."""
    position = 0
    if any(sign in text for sign in _SIGNS):
        for match in re.finditer(_RANGE, text):
            said = re.search(_FIRST, match.group())
            letter, first = "", 1
            if said:
                letter = (said.group(1) or said.group(4)).removeprefix("\\").replace("τ", "tau")
                first = int(said.group(2) or said.group(3))
            yield Stretch(position, match.start(), letter, first)
            position = match.end()
    yield Stretch(position, len(text))
