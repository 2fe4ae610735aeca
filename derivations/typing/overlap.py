"""Several equations for one variable: each time belongs to exactly one of them."""

from __future__ import annotations

from dataclasses import replace

from derivations.cell import Piece, Range
from derivations.errors import InputError
from derivations.language.tree import Equation

Typed = list[tuple[Equation, Piece]]


def check_overlap(name: str, typed: Typed) -> None:
    """Raise :class:`InputError` where two equations hold at just the same times."""
    seen: set[tuple[Range, ...]] = set()
    for equation, piece in typed:
        if piece.domain in seen:
            raise _twice(name, equation)
        seen.add(piece.domain)


def apart(name: str, typed: Typed) -> tuple[Piece, ...]:
    """The pieces with general ranges cut back where an equation fixes their first or last time.

    ``h[1] = x[1]`` beside ``h[t] = …`` leaves the second one for t ≥ 2.

    Raises:
        InputError: an equation that fixes a time in the middle of another one's range.
    """
    fixed = [(equation, piece.domain[0]) for equation, piece in typed if _at_one_time(piece)]
    fixed.sort(key=lambda pair: (not pair[1].lower.is_number, str(pair[1].lower)))
    pieces = []
    for _, piece in typed:
        if len(piece.domain) == 1 and not piece.domain[0].pinned:
            reach = piece.domain[0]
            for equation, time in fixed:
                reach = _without(name, reach, time, equation)
            piece = replace(piece, domain=(reach,))
        pieces.append(piece)
    return tuple(pieces)


def _at_one_time(piece: Piece) -> bool:
    return len(piece.domain) == 1 and piece.domain[0].pinned


def _without(name: str, reach: Range, time: Range, equation: Equation) -> Range:
    at = time.lower
    if at == reach.lower:
        return replace(reach, lower=reach.lower + 1)
    if at == reach.upper:
        return replace(reach, upper=reach.upper - 1)
    if (at - reach.lower).is_negative or (at - reach.upper).is_positive:
        return reach
    raise _twice(name, equation)


def _twice(name: str, equation: Equation) -> InputError:
    return InputError(
        f"{name} is defined twice at the same time",
        equation.target.span,
        "rename one of the two, or give it another time",
    )
