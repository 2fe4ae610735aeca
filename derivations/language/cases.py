"""``\\begin{cases} … \\end{cases}`` behind an equation's sign: one equation for each row.

A row at one time (``t = 0``) is an equation about that time; a row for the times after it, or
for all others, is the general equation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import defined_function
from derivations.language.loss import map_nodes
from derivations.language.tree import Equation, Name, Node, Number, Relation, walk

_WORDS = {"if", "for", "when", "where", "at", "and", "all", "every", "each"}
_OTHERS = {"otherwise", "else"}
_REMEDY = "Write each row for one time, as in t = 0, and one for all others: t > 0, or otherwise."


@dataclass(frozen=True)
class Row:
    """One row before its symbols are read: a relation, and the time it is about if only one."""

    relation: Relation
    letter: str = ""
    time: int | None = None

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


def rows_of(node: Relation) -> Iterator[Row]:
    """The rows of an equation, one for an equation without cases.

    Raises:
        InputError: a condition that is not about one time, or about all other times.
    """
    right = node.right
    if not isinstance(right, raw.Cases):
        yield Row(node)
        return
    if defined_function(node) is not None:
        raise InputError(
            "a function that is given by cases is not read",
            right.span,
            "Write it with max(0, z), leaky_relu(z, p), elu(z, p), abs(z) or hard_tanh(z).",
        )
    general: list[Node] = []
    for row in right.rows:
        relation = replace(node, right=row.value)
        letter, time = _condition(row)
        if time is None:
            general.append(row)
        if len(general) > 1:
            raise InputError("two rows are about the same times", row.span, _REMEDY)
        yield Row(relation, letter, time)


def _condition(row: raw.Case) -> tuple[str, int | None]:
    """The letter and the time of a row; no time for a row about all others."""
    if row.condition is None:
        return "", None
    condition = row.condition
    sides = condition.items if isinstance(condition, raw.Bound) else (condition,)
    relations = condition.relations if isinstance(condition, raw.Bound) else ()
    plain = [_without_words(side) for side in sides]
    if not relations and plain == [None]:
        return "", None
    first = plain[0]
    if isinstance(first, raw.Symbol) and relations == ("=",):
        time = _whole(plain[1])
        if time is not None:
            return first.name, time
    # A range says for which times; what the other rows are about is left out of it.
    if relations and set(relations) <= {"<", "<=", ">", ">="} and all(map(_is_time, plain)):
        return "", None
    raise InputError("this condition is not one about time", row.condition.span, _REMEDY)


def _without_words(node: Node) -> Node | None:
    """``t`` of ``\\text{if } t``; ``None`` where only words stand."""
    items = list(node.items) if isinstance(node, raw.Juxtaposed) else [node]
    while items and isinstance(items[0], raw.Symbol) and items[0].name in _WORDS | _OTHERS:
        items.pop(0)
    return items[0] if len(items) == 1 else None if not items else node


def _is_time(node: Node | None) -> bool:
    """Whether a side of a condition is a time: a letter, an end, a whole number, a shift of one."""
    parts = list(walk(node)) if node is not None else []
    allowed = (raw.Symbol, raw.Chain, raw.Scripted, Number)
    return bool(parts) and all(isinstance(part, allowed) for part in parts)


def _whole(node: Node | None) -> int | None:
    if isinstance(node, raw.Chain) and node.negated and not node.operators:
        inner = _whole(node.items[0])
        return None if inner is None else -inner
    if isinstance(node, Number) and node.value.denominator == 1:
        return node.value.numerator
    return None


def _is_letter(node: Node, letter: str) -> bool:
    return isinstance(node, Name) and node.name == letter and not node.indices
