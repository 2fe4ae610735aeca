"""What a program is made of: the equations of a cell, its derived adjoints, all as variables.

Nothing here differentiates. The adjoint recurrences come from the deriver, rewritten by the named
rewrites that a reader sees, and every adjoint gets a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.rewrites import Rewriter
from derivations.cell import LOSS, Cell, Definition, Piece
from derivations.deriver import Deriver
from derivations.expressions.nodes import Adjoint, Variable
from derivations.expressions.traverse import map_leaves


@dataclass(frozen=True)
class Sources:
    """Equations to run.

    Attributes:
        cell: whose equations.
        forward: the equations, with every compound argument of a nonlinearity named.
        adjoint: the adjoint recurrences that are asked for, over variables.
        adjoint_of: name of a variable → name of its adjoint.
        targets: names without a step that only the loss is given.
    """

    cell: Cell
    forward: tuple[Definition, ...]
    adjoint: tuple[Definition, ...]
    adjoint_of: Mapping[str, str]
    targets: frozenset[str]


def sources(deriver: Deriver, wanted: Iterable[str], targets: Iterable[str] = ()) -> Sources:
    """The equations and those adjoints that the wanted gradients need.

    Args:
        deriver: of the cell.
        wanted: names of variables whose gradients are asked for; none for the forward pass alone.
        targets: names without a step that only the loss is given.
    """
    cell = deriver.cell
    asked = [name for name in wanted if name in deriver.adjoints]
    needed = deriver.needed(asked) - {LOSS}
    names = _names(cell, deriver.adjoints)
    rewriter = rewriter_of(cell)
    adjoint = tuple(
        Definition(
            Variable(names[name], definition.target.steps, *definition.target.shape),
            tuple(
                Piece(_as_variables(rewriter.value(piece.value), names), piece.domain)
                for piece in definition.pieces
            ),
        )
        for name, definition in deriver.adjoints.items()
        if name in needed
    )
    return Sources(cell, cell.definitions, adjoint, names, frozenset(targets))


def rewriter_of(cell: Cell) -> Rewriter:
    """The rewrites of formulas; whether targets sum to one is not known of an array."""
    return Rewriter(replace(cell, distributions=frozenset()))


def _names(cell: Cell, wanted: Iterable[str]) -> dict[str, str]:
    """``dh`` for the adjoint of ``h``, unless the cell has a variable of that name."""
    found = {}
    for name in wanted:
        chosen = f"d{name}"
        while chosen in cell.templates:
            chosen += "_"
        found[name] = chosen
    return found


def _as_variables(value: MatrixExpr, names: Mapping[str, str]) -> MatrixExpr:
    def named(leaf: MatrixExpr) -> MatrixExpr:
        if not isinstance(leaf, Adjoint):
            return leaf
        return Variable(names[leaf.name], leaf.steps, *leaf.shape)

    return map_leaves(value, named)
