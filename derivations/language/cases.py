"""``\\begin{cases} … \\end{cases}`` behind an equation's sign: one equation for each row.

A row at one time (``t = 0``) is an equation about that time; a row for the times after it, or
for all others, is the general equation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import defined_function
from derivations.language.rows import Row, whole
from derivations.language.tree import Node, Number, Relation, walk

_WORDS = {"if", "for", "when", "where", "at", "and", "all", "every", "each"}
_OTHERS = {"otherwise", "else"}
_REMEDY = "Write each row for one time, as in t = 0, and one for all others: t > 0, or otherwise."


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
        found = _about(row, relation)
        if found.time is None:
            general.append(row)
        if len(general) > 1:
            raise InputError("two rows are about the same times", row.span, _REMEDY)
        yield found


def _about(row: raw.Case, relation: Relation) -> Row:
    """What a row is about: one time, or all others."""
    if row.condition is None:
        return Row(relation)
    condition = row.condition
    sides = condition.items if isinstance(condition, raw.Bound) else (condition,)
    relations = condition.relations if isinstance(condition, raw.Bound) else ()
    plain = [_without_words(side) for side in sides]
    if not relations and plain == [None]:
        return Row(relation)
    if relations and set(relations) <= {"<", "<=", ">", ">=", "="} and all(map(_is_time, plain)):
        first = plain[0]
        if relations != ("=",):
            return Row(relation, since=_first(plain, relations))
        time = _whole(plain[1])
        if isinstance(first, raw.Symbol) and time is not None:
            return Row(relation, first.name, time)
    raise InputError("this condition is not one about time", row.condition.span, _REMEDY)


def _first(sides: list[Node | None], relations: tuple[str, ...]) -> tuple[str, int] | None:
    """The letter and the smallest time of ``t > 0``, ``t >= 1`` or ``1 <= t <= T``."""
    low, sign, high = sides[0], relations[0], sides[1]
    if sign in (">", ">="):
        low, high = high, low
    number = _whole(low)
    if number is None or not isinstance(high, raw.Symbol):
        return None
    return high.name, number + (sign in ("<", ">"))


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
    return whole(node)
