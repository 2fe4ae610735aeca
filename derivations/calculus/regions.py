"""From pieces with domains to the lines a reader expects: one formula per stretch of time.

The pieces of an adjoint are added where they hold. Their ends cut the time axis into stretches
(t = T, 1 ≤ t ≤ T-1, t = 0); on each the sum is one formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sympy import Expr, Symbol

from derivations.calculus.indices import magnitude
from derivations.cell import Definition, Piece, Range
from derivations.derivation import Formula
from derivations.expressions import build
from derivations.expressions.traverse import substitute


def formulas(definition: Definition) -> Iterator[Formula]:
    """One formula per stretch of time, latest first, for all sufficiently large T."""
    steps = definition.target.steps
    stretches = [list(_stretches(index, definition.pieces)) for index in steps]
    for choice in product(*stretches):
        active = [p for p in definition.pieces if _holds(p, choice)]
        if not active:
            continue
        pinned = {r.index: r.lower for r in choice if r.pinned}
        right = build.add(*(substitute(p.value, pinned) for p in active))
        left = definition.target.at([step.xreplace(pinned) for step in steps])
        yield Formula(left, right, tuple(r for r in choice if not r.pinned))


def _stretches(index: Symbol, pieces: tuple[Piece, ...]) -> Iterator[Range]:
    """The time axis cut at every end of every piece, latest stretch first."""
    ranges = {r for p in pieces for r in p.domain if r.index == index}
    cuts: dict[Expr, Expr] = {}
    for r in ranges:
        cuts.setdefault(magnitude(r.lower), r.lower)
        cuts.setdefault(magnitude(r.upper + 1), r.upper + 1)
    ordered = [cuts[key] for key in sorted(cuts)]
    for low, high in reversed(list(zip(ordered, ordered[1:], strict=False))):
        yield Range(index, low, high - 1)


def _holds(piece: Piece, stretch: tuple[Range, ...]) -> bool:
    """Whether a piece holds on a whole stretch."""
    for own in piece.domain:
        for r in stretch:
            if r.index == own.index:
                inside = magnitude(own.lower) <= magnitude(r.lower)
                if not inside or magnitude(r.upper) > magnitude(own.upper):
                    return False
    return True
