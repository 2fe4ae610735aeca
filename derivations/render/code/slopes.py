"""Slopes of the table's functions as source text, from the same formula that everything else uses.

:class:`CodeSpace` is a space (see ``derivations.functions.spaces``) in which a formula becomes the
text of a program.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derivations.functions import FUNCTIONS
from derivations.functions.row import Backend
from derivations.render.code.code import ADD, ATOM, MULTIPLY, POWER, UNARY

Where = Callable[[str, str, str], str]
"""(condition, text where it holds, text where it does not) to a text that chooses."""


@dataclass(frozen=True)
class Text:
    """Source text that arithmetic can be done with."""

    source: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text as an operand of an operation that binds as tightly as ``level``."""
        return self.source if self.level >= level else f"({self.source})"

    def __add__(self, other: Any) -> Text:
        return Text(f"{self.within(ADD)} + {text(other).within(MULTIPLY)}", ADD)

    def __radd__(self, other: Any) -> Text:
        return text(other) + self

    def __sub__(self, other: Any) -> Text:
        return Text(f"{self.within(ADD)} - {text(other).within(MULTIPLY)}", ADD)

    def __rsub__(self, other: Any) -> Text:
        return text(other) - self

    def __mul__(self, other: Any) -> Text:
        return Text(f"{self.within(MULTIPLY)} * {text(other).within(UNARY)}", MULTIPLY)

    def __rmul__(self, other: Any) -> Text:
        return text(other) * self

    def __truediv__(self, other: Any) -> Text:
        return Text(f"{self.within(MULTIPLY)} / {text(other).within(UNARY)}", MULTIPLY)

    def __rtruediv__(self, other: Any) -> Text:
        return text(other) / self

    def __neg__(self) -> Text:
        return Text(f"-{self.within(POWER)}", UNARY)

    def __pow__(self, exponent: int) -> Text:
        return Text(f"{self.within(ATOM)}**{exponent}", POWER)


def text(value: Any) -> Text:
    """A number as text; a text stays."""
    if isinstance(value, Text):
        return value
    shown = repr(float(value))
    return Text(shown, UNARY if shown.startswith("-") else ATOM)


class CodeSpace:
    """Formulas as source text.

    Args:
        backend: which library the text calls.
        where: how that library chooses.
        used: called with every row whose code is used.
    """

    def __init__(self, backend: Backend, where: Where, used: Callable[[str], None]) -> None:
        self._backend, self._where, self._used = backend, where, used
        self.pi = math.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = FUNCTIONS["arctan" if name == "atan" else name]

        def applied(*arguments: Any) -> Any:
            if not any(isinstance(argument, Text) for argument in arguments):
                # Libraries of tensors take no plain numbers.
                return float(row.value(*map(float, arguments)))
            self._used(row.name)
            shown = [text(argument) for argument in arguments]
            return Text(row.code(self._backend, *(_argument(a) for a in shown)))

        return applied

    def number(self, text_: str) -> Any:
        """An exact constant, rounded once."""
        return Fraction(text_)

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Text:
        """A choice by where ``x`` lies."""
        place, at = text(x).within(MULTIPLY), text(point).within(MULTIPLY)
        chosen = self._where(f"{place} > {at}", text(above).source, text(below).source)
        if equal is not None:
            chosen = self._where(f"{place} == {at}", text(equal).source, chosen)
        return Text(chosen)

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Text:
        """``value`` where x = point."""
        place, spot = text(x).within(MULTIPLY), text(point).within(MULTIPLY)
        return Text(self._where(f"{place} == {spot}", text(value).source, text(otherwise).source))


def _argument(argument: Text) -> str:
    """The text of an argument; a template may put it next to any operator."""
    return argument.source if argument.level == ATOM else f"({argument.source})"
