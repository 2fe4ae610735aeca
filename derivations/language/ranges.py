"""Ranges behind an equation, as in ``e_s = …, s = 1, …, S``: they say what the axis says already.

An equation holds at every step of its axis, so a range from a number to the end is left out.
"""

from __future__ import annotations

import re

_BLANK = r"(?:\s|~|\\[,;:!> ]|\\q?quad(?![A-Za-z])|&)*+"  # possessive: no backtracking
_WORD = r"(?:for(?:\s+(?:all|each|every))?|where|with)"
_FOR = rf"(?:\\(?:text|mathrm|mbox)\s*\{{\s*{_WORD}\s*\}}|\b{_WORD}\b|\\forall(?![A-Za-z])|∀)"
_LETTER = r"(?:\\tau(?![A-Za-z])|[a-zτ])"
_DOTS = r"(?:\\(?:ldots|dots|cdots|dotsc)(?![A-Za-z])|\.{2,3}|…)"
_LAST = r"[A-Z](?:_(?:\w|\{\w+\}))?(?:\s*-\s*\d+)?"
_NEXT = rf"{_BLANK}(?:,{_BLANK})?"
_LISTED = rf"\d+{_NEXT}(?:\d+{_NEXT}){{0,2}}{_DOTS}{_NEXT}{_LAST}"
_IN = rf"{_BLANK}(?:=|:|\\in(?![A-Za-z])|∈){_BLANK}(?:\\?\{{{_BLANK})?"
_LE = rf"{_BLANK}(?:<=|≤|\\leq?(?![A-Za-z])){_BLANK}"
_VALUES = rf"{_LETTER}{_IN}{_LISTED}{_BLANK}(?:\\?\}})?|\d+{_LE}{_LETTER}{_LE}{_LAST}"
_RANGE = re.compile(
    rf"(?<!\s)[,;]?{_BLANK}(?P<open>[(\[]{_BLANK})?"
    rf"(?:(?:{_FOR}{_BLANK})?(?:{_VALUES})|{_FOR}{_BLANK}{_LETTER})"
    rf"{_BLANK}(?(open)[)\]]{_BLANK})[.,;]?\s*(?=\\\\|\\end|\\\]|\$|$)"
)


def outside_ranges(text: str) -> list[tuple[int, int]]:
    """The stretches of a line of equations that are no ranges, as (start, end) in ``text``."""
    if "=" not in text and "∀" not in text and "forall" not in text:
        return [(0, len(text))]
    found, position = [], 0
    for match in _RANGE.finditer(text):
        found.append((position, match.start()))
        position = match.end()
    return [*found, (position, len(text))]
