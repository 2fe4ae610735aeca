"""An edit: one typical mistake, as a change of the untyped tree that works in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.language.tree import (
    Binary,
    BinaryOperator,
    Call,
    Element,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    Transposed,
    children,
    rebuild,
)
from verify.edits.facts import Facts

Change = Callable[[Node, Facts], Iterable[Node]]
"""Every way in which one node alone may be changed."""

ONE = Number(Fraction(1))


@dataclass(frozen=True)
class Edit:
    """A mistake people make.

    Attributes:
        name: what reports call it.
        sentence: what a reader is told to look at, when undoing it mends a claim.
        apply: every relation that differs from the given one by this mistake, made or undone.
    """

    name: str
    sentence: str
    apply: Callable[[Relation, Facts], Iterator[Relation]]


def local(name: str, sentence: str, change: Change) -> Edit:
    """The edit that changes one node of the side that may be wrong."""
    return Edit(name, sentence, lambda r, facts: sides(r, lambda n: everywhere(n, change, facts)))


def inner(name: str, sentence: str, change: Change) -> Edit:
    """The same for nodes below the top of a side, which would else be replaced as a whole."""

    return Edit(name, sentence, lambda r, facts: sides(r, lambda n: below(n, change, facts)))


def whole(name: str, sentence: str, change: Change) -> Edit:
    """The edit that changes a side as a whole."""
    return Edit(name, sentence, lambda r, facts: sides(r, lambda n: change(n, facts)))


def sides(relation: Relation, edited: Callable[[Node], Iterable[Node]]) -> Iterator[Relation]:
    """The relation with one side edited; what a claim is about, a lone name, is left alone."""
    if is_subject(relation.left) or not is_subject(relation.right):
        yield from (replace(relation, right=right) for right in edited(relation.right))
    if not is_subject(relation.left):
        yield from (replace(relation, left=left) for left in edited(relation.left))


def is_subject(node: Node) -> bool:
    """Whether a side only names what the other side says something about."""
    inner = node.operand if isinstance(node, Transposed | Element) else node
    return isinstance(inner, Name | Partial)


def everywhere(node: Node, change: Change, facts: Facts) -> Iterator[Node]:
    """``node`` with one place changed, in every way; nothing inside names and derivatives moves."""
    yield from change(node, facts)
    yield from below(node, change, facts)


def below(node: Node, change: Change, facts: Facts) -> Iterator[Node]:
    """The same for places below the top."""
    if isinstance(node, Name | Partial | Number):
        return
    parts = children(node)
    for position, part in enumerate(parts):
        if any(part is time for time in _times(node)):
            continue
        for changed in everywhere(part, change, facts):
            yield rebuild(node, iter((*parts[:position], changed, *parts[position + 1 :])))


def _times(node: Node) -> tuple[Node, ...]:
    """The parts of a node that stand for a time, a row or an exponent, not for a value."""
    if isinstance(node, Reduction):
        return node.lower, node.upper
    if isinstance(node, Element | Call):
        return node.indices
    if isinstance(node, Binary) and node.operator == "**":
        return (node.right,)
    return ()


def binary(operator: BinaryOperator, left: Node, right: Node) -> Binary:
    """``left operator right``."""
    return Binary(operator, left, right)


def flat(node: Node, *operators: BinaryOperator) -> list[Node]:
    """The operands of a chain of these operators, left to right."""
    if isinstance(node, Binary) and node.operator in operators:
        return [*flat(node.left, *operators), *flat(node.right, *operators)]
    return [node]


def joined(operator: BinaryOperator, parts: Iterable[Node]) -> Node:
    """Operands chained from the left."""
    first, *rest = parts
    for part in rest:
        first = Binary(operator, first, part)
    return first
