"""The table of symbols of a cell: every variable, its shape, and the part it plays."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from derivations.cell import LOSS, Cell
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import nodes_in


@dataclass(frozen=True)
class Entry:
    """One row: a variable at its generic times and its role in the cell."""

    variable: Variable
    role: str

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """Rows and columns."""
        rows, cols = self.variable.shape
        return rows, cols


ROLES = ("given", "parameter", "input", "state", "value", "intermediate, named here", "loss")
"""Every role, in the order of the table."""


def symbol_table(cell: Cell) -> tuple[Entry, ...]:
    """The variables of a cell, grouped by role, in the order of first use."""
    entries = [Entry(variable, _role(cell, name)) for name, variable in cell.templates.items()]
    return tuple(sorted(entries, key=lambda entry: ROLES.index(entry.role)))


def _role(cell: Cell, name: str) -> str:
    if name == LOSS:
        return "loss"
    if name in cell.auxiliary:
        return "intermediate, named here"
    variable = cell.templates[name]
    if name in cell.defined:
        return "state" if _recurs(cell, variable) else "value"
    if LOSS not in cell.templates:
        return "given"
    return "input" if variable.steps else "parameter"


def _recurs(cell: Cell, variable: Variable) -> bool:
    """Whether some recurrence uses the variable at a neighbouring time."""
    times = set(variable.steps.free_symbols)
    return any(
        use.name == variable.name and use.steps != variable.steps and times & use.free_symbols
        for definition in cell.definitions
        for piece in definition.pieces
        for use in nodes_in(piece.value, Variable)
    )
