"""Variables replaced by what their equations say, at times at which these hold."""

from __future__ import annotations

from sympy import Expr, Symbol, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Piece, Range
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import map_leaves, substitute


def by_equations(
    cell: Cell, side: MatrixExpr, domain: tuple[Range, ...], only: Variable | None = None
) -> MatrixExpr:
    """The side with variables replaced by what their equation says, where they have one.

    Args:
        only: the one variable to replace; all by default.
    """

    ends = {axis.upper for axis in cell.axes}

    def said(leaf: MatrixExpr) -> MatrixExpr:
        if not isinstance(leaf, Variable) or only not in (None, leaf):
            return leaf
        definition = cell.defined.get(leaf.name)
        running = [p for p in definition.pieces if _runs(p, ends)] if definition else []
        if definition is None or len(running) != 1 or not set(running) >= _moving(definition):
            return leaf
        (piece,) = running
        there = dict(zip(definition.target.steps, leaf.steps, strict=True))
        if not all(_reached(r.lower, there.get(r.index), domain) for r in piece.domain):
            return leaf
        return substitute(piece.value, there)

    return map_leaves(side, said)


def _runs(piece: Piece, ends: set[Symbol]) -> bool:
    """Whether a piece holds from its first time to the end."""
    return all(not r.pinned and (r.upper in ends or r.upper == oo) for r in piece.domain)


def _moving(definition: Definition) -> set[Piece]:
    """The pieces that are not about one time alone."""
    return {p for p in definition.pieces if not any(r.pinned for r in p.domain)}


def _reached(first: Expr, step: Expr | None, domain: tuple[Range, ...]) -> bool:
    """Whether a step is never before the first one: an initial value has no equation."""
    later = {r.index: r.lower + Symbol(f"after {r.index}", nonnegative=True) for r in domain}
    gap = None if step is None else (step - first).subs(later)
    return gap is None or gap.is_nonnegative is True
