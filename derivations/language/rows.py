"""A line of a cell as an equation, and the times at which it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.language.tree import Binary, Equation, Name, Node, Number, Relation, map_nodes


@dataclass(frozen=True)
class Row:
    """One row before its symbols are read: a relation, and the time it is about if only one."""

    relation: Relation
    letter: str = ""
    time: int | None = None
    since: tuple[str, int] | None = None

    def equation(self, equation: Equation) -> Equation | None:
        """The equation of this row, its letter replaced where it holds at one time only.

        ``None`` for ``h_0`` at t = 0, which says that the value is given.
        """
        if self.time is None:
            return equation
        number = Number(Fraction(self.time))

        def change(node: Node) -> Node:
            return replace(number, span=node.span) if _is_letter(node, self.letter) else node

        changed = map_nodes(equation, change)
        assert isinstance(changed, Equation)
        return None if changed.value == changed.target else changed


def starting(equation: Equation, since: tuple[str, int] | None) -> Equation:
    """An equation with the first time at which it holds, where that is not the first step."""
    if since is None:
        return equation
    letter, first = since
    for index in equation.target.indices:
        shift = _shift(index, letter)
        if shift is not None and first + shift > 1:
            return replace(equation, since=since)
    return equation


def _shift(index: Node, letter: str) -> int | None:
    """The 1 of ``t + 1``; ``None`` if the index is about something else."""
    if _is_letter(index, letter):
        return 0
    if (
        isinstance(index, Binary)
        and index.operator in ("+", "-")
        and _is_letter(index.left, letter)
    ):
        number = whole(index.right)
        return None if number is None else number if index.operator == "+" else -number
    return None


def whole(node: Node | None) -> int | None:
    """The whole number that a node is."""
    if isinstance(node, Number) and node.value.denominator == 1:
        return node.value.numerator
    return None


def _is_letter(node: Node, letter: str) -> bool:
    return isinstance(node, Name) and node.name == letter and not node.indices
