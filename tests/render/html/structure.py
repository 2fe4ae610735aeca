"""What a formula says, read twice: out of its LaTeX and out of its MathML, into the same trees.

A row is a tuple of parts: a symbol as text, or a tuple that opens with what it is: ``script``,
``frac``, ``sqrt``, ``over``, ``table``. Both readers know nothing of each other, and neither uses
the converter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from xml.etree import ElementTree

Row = tuple[Any, ...]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\s+|.", re.S)
_SYMBOLS = {
    "partial": "∂", "nabla": "∇", "odot": "⊙", "otimes": "⊗", "times": "×", "cdot": "⋅", "le": "≤",
    "ge": "≥", "to": "→", "top": "⊤", "infty": "∞", "ell": "ℓ", "sum": "∑", "prod": "∏",
    "bigoplus": "⨁", "lVert": "‖", "rVert": "‖", "epsilon": "ϵ", "phi": "ϕ", "ne": "≠", "pm": "±",
}  # fmt: skip
_NAMED = "tanh exp log sin cos max min cosh sinh det tan arctan".split()
_ACCENTS = {
    "hat": "ˆ", "tilde": "˜", "bar": "¯", "dot": "˙", "check": "ˇ", "breve": "˘", "acute": "´",
    "overrightarrow": "→", "overleftarrow": "←",
}  # fmt: skip
_SPACES = ("quad", "qquad", " ", ",", ";", "!")
_PRIMES = {1: "′", 2: "″", 3: "‴"}
_FENCES = {"bmatrix": ("[", "]"), "align*": ("", ""), "cases": ("{", "")}


def of_latex(source: str) -> Row:
    """The tree of LaTeX as it is written.

    Raises:
        ValueError: for a command that this reader does not know.
    """
    return _Latex([token for token in _TOKEN.findall(source) if not token.isspace()]).row()


class _Latex:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        return self._tokens.pop(0)

    def row(self, *stops: str) -> Row:
        parts: list[Any] = []
        while self._tokens and self._peek() not in stops:
            parts += self._item()
        return tuple(parts)

    def _group(self) -> Row:
        if self._peek() != "{":
            return self._base(self._next())
        self._next()
        found = self.row("}")
        self._next()
        return found

    def _item(self) -> Row:
        base = self._base(self._next()) if self._peek() not in ("_", "^") else ()
        below: Row = ()
        above: Row = ()
        primes = 0
        while self._peek() in ("_", "^", "'"):
            sign = self._next()
            if sign == "'":
                primes += 1
            elif sign == "_":
                below = self._group()
            else:
                above = self._group()
        if primes:
            above = (_PRIMES[primes], *above)
        return (("script", base, below, above),) if below or above else base

    def _base(self, token: str) -> Row:
        if token == "{":
            found = self.row("}")
            self._next()
            return found
        if not token.startswith("\\"):
            return (token,)
        return self._command(token[1:])

    def _command(self, name: str) -> Row:
        if name in _SPACES:
            return ()
        if name == "dots":
            return (".", ".", ".")
        if name in ("left", "Bigl"):
            opening = self._base(self._next())
            if name == "Bigl":
                return opening
            inner = self.row(r"\right")
            self._next()
            return (*opening, *inner, *self._base(self._next()))
        if name == "Bigr":
            return self._base(self._next())
        if name == "frac":
            return (("frac", self._group(), self._group()),)
        if name == "sqrt":
            return (("sqrt", self._group()),)
        if name in _ACCENTS:
            return (("over", _ACCENTS[name], self._group()),)
        if name in ("operatorname", "mathrm", "text"):
            return ("".join(self._group()),)
        if name == "mathbf":
            (sign,) = self._group()
            kind = "DIGIT" if sign.isdigit() else "SMALL" if sign.islower() else "CAPITAL"
            end = unicodedata.name(sign).split()[-1]
            return (unicodedata.lookup(f"MATHEMATICAL BOLD {kind} {end}"),)
        if name == "begin":
            return self._table("".join(self._group()))
        return (_symbol(name),)

    def _table(self, name: str) -> Row:
        opening, closing = _FENCES[name]
        rows: list[list[Row]] = [[]]
        while True:
            rows[-1].append(self.row("&", r"\\", r"\end"))
            stop = self._next()
            if stop == r"\end":
                self._group()
                break
            if stop == r"\\":
                rows.append([])
                if self._peek() == "[":
                    while self._next() != "]":
                        pass
        table = ("table", *map(tuple, rows))
        return tuple(part for part in (opening, table, closing) if part)


def _symbol(name: str) -> str:
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    if name in _NAMED:
        return name
    kind = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {kind} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    except KeyError:
        raise ValueError(f"no symbol {name}") from None


_BLANK = "\N{FUNCTION APPLICATION}\N{INVISIBLE SEPARATOR}\N{INVISIBLE TIMES}"


def of_mathml(source: str) -> Row:
    """The tree of MathML as a browser sets it.

    Raises:
        ValueError: for an element that this reader does not know.
    """
    return _element(ElementTree.fromstring(source))


def _element(element: ElementTree.Element) -> Row:
    parts = [_element(child) for child in element if child.tag != "annotation"]
    match element.tag:
        case "math" | "mrow" | "semantics" | "mtd" | "mstyle" | "mpadded":
            return tuple(part for row in parts for part in row)
        case "mi" | "mn" | "mo" | "mtext":
            text = "".join((element.text or "").replace("\N{MINUS SIGN}", "-").split())
            return (text,) if text.strip(_BLANK) else ()
        case "mspace":
            return ()
        case "msub" | "munder":
            return (("script", parts[0], parts[1], ()),)
        case "msup":
            return (("script", parts[0], (), parts[1]),)
        case "mover":
            if element.get("accent") != "true":
                return (("script", parts[0], (), parts[1]),)
            return (("over", *parts[1], parts[0]),)
        case "msubsup" | "munderover":
            return (("script", *parts),)
        case "mfrac":
            return (("frac", *parts),)
        case "msqrt":
            return (("sqrt", tuple(part for row in parts for part in row)),)
        case "mtable":
            return (("table", *parts),)
        case "mtr":
            return tuple(parts)
    raise ValueError(f"no element {element.tag}")
