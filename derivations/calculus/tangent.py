"""The forward sweep: every tangent as a recurrence (real-time recurrent learning)."""

from __future__ import annotations

from derivations.calculus.forward import pushforward
from derivations.cell import Cell, Definition, Piece
from derivations.expressions import build
from derivations.expressions.nodes import Tangent


def tangents(cell: Cell) -> dict[str, Definition]:
    """The tangent of every defined variable in terms of those it is computed from, by name.

    Source: Williams & Zipser 1989, "A learning algorithm for continually running fully recurrent
    neural networks", eq. 10, in coordinate-free form.
    """
    found: dict[str, Definition] = {}
    for definition in cell.definitions:
        pieces = [
            Piece(pushforward(piece.value, Tangent), piece.domain) for piece in definition.pieces
        ]
        kept = tuple(piece for piece in pieces if not build.is_zero(piece.value))
        found[definition.name] = Definition(Tangent(cell.templates[definition.name]), kept)
    return found
