"""About how wide a LaTeX formula is in print, in points at 11 pt, without running TeX.

Widths of letters are those of Computer Modern in groups; what is stacked (fractions, limits, rows
of a matrix) is as wide as its widest part. Good to about a twentieth, which is what breaking
lines needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_TOKEN = re.compile(r"\\\\(?:\[[^\]]*\])?|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SMALL = 0.75
"""Size of a script beside that of its base."""
_LETTERS = {
    "ijlt": 4.1, "cefopqrsz": 5.4, "abdghknuvxy": 6.0, "m": 9.6, "w": 8.1, "IJ": 6.4,
    "MW": 11.8, "ABCDEFGHKLNOPQRSTUVXYZ": 8.8, "0123456789": 5.5, "()": 4.3, "[]|,;.!'": 3.1,
}  # fmt: skip
_CHARACTERS = {character: width for group, width in _LETTERS.items() for character in group}
_GREEK, _ROMAN, _THIN, _QUAD = 6.4, 5.4, 1.9, 11.0
_SIGNS = {r"\sum": 15.8, r"\prod": 14.0, r"\bigoplus": 16.6}
"""Limits stand above and below these."""
_BINARY = {"+": 13.4, "-": 13.4, r"\cdot": 7.9, r"\odot": 13.4, r"\otimes": 13.4, r"\times": 13.4}
_RELATIONS = dict.fromkeys(("=", "<", ">", r"\le", r"\ge", r"\to"), 14.6)
_WIDTHS = {
    **_SIGNS, **_BINARY, **_RELATIONS, r"\quad": _QUAD, r"\dots": 14.6, r"\top": 8.6,
    r"\nabla": 9.2, r"\partial": 6.5, r"\infty": 11.0, r"\lVert": 5.5, r"\rVert": 5.5, r"\,": 1.9,
    r"\Delta": 9.1,
}  # fmt: skip
_NAMES = frozenset("tanh exp log sin cos max min cosh sinh det tan arctan".split())
_DELIMITERS = {r"\left": 4.0, r"\right": 4.0, r"\Bigl": 2.4, r"\Bigr": 2.4}
"""What these add to the bracket behind them."""
_UPRIGHT = (r"\operatorname", r"\mathrm", r"\text")
_FRAME, _BETWEEN = 11.0, 11.0
"""The brackets of a matrix, and the space between two of its columns."""


@lru_cache(maxsize=1 << 14)
def latex_width(source: str) -> float:
    """The width of ``source`` in display style; of what it does not know, a letter's."""
    return _Reader([t for t in _TOKEN.findall(source) if not t.isspace()]).row()


class _Reader:
    """Adds up widths token by token."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0

    def row(self, *stops: str) -> float:
        """The width up to one of ``stops``, which is taken too."""
        total = 0.0
        while self._place < len(self._tokens):
            if self._peek() in stops:
                self._place += 1
                break
            total += self._item()
        return total

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _next(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1] if self._place <= len(self._tokens) else ""

    def _argument(self) -> float:
        if self._peek() == "{":
            self._place += 1
            return self.row("}")
        return self._base(self._next())

    def _item(self) -> float:
        """A base with its scripts, which stand above each other."""
        token = self._next()
        base = self._base(token)
        scripts = [0.0]
        while self._peek() in ("_", "^"):
            self._place += 1
            scripts.append(_SMALL * self._argument() + 0.5)
        if token in _SIGNS:
            return max(base, *scripts) + _THIN
        return base + max(scripts)

    def _base(self, token: str) -> float:
        if token == "{":
            return self.row("}")
        if token == r"\frac":
            return max(self._argument(), self._argument()) + 2.4
        if token == r"\begin":
            self._argument()
            return self._matrix()
        if token in _DELIMITERS:
            return _DELIMITERS[token] + self._base(self._next())
        if token in _UPRIGHT:
            return self._upright() + (_THIN if token == _UPRIGHT[0] else 0.0)
        if token.startswith("\\") and token[1:] in _NAMES:
            return _ROMAN * len(token[1:]) + _THIN
        if token in _WIDTHS:
            return _WIDTHS[token]
        if token.startswith("\\") and self._peek() == "{":
            return self._argument()  # an accent or an alphabet
        return _GREEK if token.startswith("\\") else _CHARACTERS.get(token, _GREEK)

    def _upright(self) -> float:
        letters = iter(self._next, "}")
        return sum(_ROMAN for letter in letters if letter not in "{_")

    def _matrix(self) -> float:
        """Every column as wide as its widest entry."""
        widest: list[float] = []
        for number, entry in self._entries():
            widest += [0.0] * (number + 1 - len(widest))
            widest[number] = max(widest[number], entry)
        self._argument()
        return sum(widest) + _BETWEEN * (len(widest) - 1) + _FRAME

    def _entries(self) -> Iterator[tuple[int, float]]:
        """(column, width) of each entry, up to the end of the matrix."""
        column = 0
        while True:
            width = self.row("&", "\\end", "\\\\", "\\\\[4pt]")
            stop = self._tokens[self._place - 1] if self._place else ""
            yield column, width
            if stop == r"\end" or self._place >= len(self._tokens):
                return
            column = column + 1 if stop == "&" else 0
