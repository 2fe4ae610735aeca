"""What the code of a module calls: rows of the table, helpers, functions that the caller gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr

from derivations.functions import FUNCTIONS
from derivations.functions.row import Function
from derivations.render.code.names import Names


@dataclass
class Needs:
    """Collected while code is written.

    Attributes:
        sizes: those that the arrays that a caller gives have.
        kernels: NumPy functions whose source the module has to hold.
        arguments: identifier of each arbitrary function → whether its derivative is called, and
            whether it is elementwise.
    """

    sizes: frozenset[Expr] = frozenset()
    kernels: dict[str, None] = field(default_factory=dict)
    arguments: dict[str, tuple[bool, bool]] = field(default_factory=dict)

    def row(self, row: Function) -> None:
        """The code of a row is used."""
        self.kernels.update(dict.fromkeys(row.kernels))

    def row_named(self, name: str) -> None:
        """The code of the row of that name is used."""
        self.row(FUNCTIONS[name])

    def argument(
        self, names: Names, function: str, differentiated: bool, elementwise: bool = False
    ) -> str:
        """The identifier of an arbitrary function that is called."""
        name = names.value(f"{function}")
        before = self.arguments.get(name, (False, elementwise))[0]
        self.arguments[name] = (before or differentiated, elementwise)
        return name
