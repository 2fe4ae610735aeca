"""Precedence, shared by the formats that print expressions: a source string knows how it binds.

Every rule of a renderer returns a :class:`Typeset`; whoever puts it into a larger expression
asks for the level it needs with :func:`at_least`. No rule looks at the kind of its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

Wrap = Callable[[str], str]


class Level(IntEnum):
    """The one table of precedence, weakest first."""

    SUM = 0
    """``a + b``, ``-a``"""
    OPEN = 1
    """what ends in a sum or product over time, whose body runs on to the next ``+``"""
    ELEMENTWISE = 2
    """``a ⊙ b``, ``A ⊗ B``"""
    PRODUCT = 3
    """``A B``, ``c A``"""
    UNARY = 4
    """one factor that cannot carry a superscript: ``∂L/∂h``, ``f/g``"""
    POSTFIX = 5
    """``Aᵀ``, ``a²``"""
    ATOM = 6
    """``h``, ``φ(z)``, anything in brackets of its own"""


@dataclass(frozen=True)
class Typeset:
    """Source text and how tightly it binds; ``opposite`` is what follows a leading minus."""

    source: str
    level: Level
    opposite: Typeset | None = None


def at_least(part: Typeset, level: Level, wrap: Wrap) -> str:
    """The source of ``part``, in brackets where it binds more weakly than ``level``."""
    return part.source if part.level >= level else wrap(part.source)


def negated(part: Typeset, wrap: Wrap) -> Typeset:
    """``-part``."""
    return Typeset("-" + at_least(part, Level.OPEN, wrap), Level.SUM, part)


def sum_terms(terms: Iterable[Typeset], wrap: Wrap) -> list[str]:
    """The terms of a sum, all but the first with their sign; a positive one first if any is."""
    signed = [_signed(term, wrap) for term in terms]
    first = next((i for i, (sign, _) in enumerate(signed) if sign == "+"), 0)
    (sign, opening), rest = signed[first], signed[:first] + signed[first + 1 :]
    return [f"-{opening}" if sign == "-" else opening, *(f"{s} {source}" for s, source in rest)]


def _signed(term: Typeset, wrap: Wrap) -> tuple[str, str]:
    if term.opposite is not None:
        return "-", at_least(term.opposite, Level.OPEN, wrap)
    # A sum within a sum needs no brackets: its first sign becomes that of the whole.
    return ("-", term.source[1:]) if term.source.startswith("-") else ("+", term.source)
