"""Readings as changes of the untyped claim: transposes, orders of products, kinds of partials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from operator import is_

from sympy import Basic, Integer, Symbol

from derivations.cell import LOSS, Cell
from derivations.language.statements import detect_mode
from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    Transposed,
    children,
    map_nodes,
    rebuild,
)
from derivations.typing.compile import Compiled
from derivations.typing.names import Vocabulary
from verify.claims.ranges import rough

NEAR = 10
"""Steps that two letters for times may be apart by what is added to them."""
RelationChange = Callable[[Relation, Compiled], Relation]


def over_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """``node`` over its changed direct sub-nodes; the same object where none does change."""
    before = children(node)
    if not before:
        return node
    after = [change(child) for child in before]
    return node if all(map(is_, after, before)) else rebuild(node, iter(after))


def _is_loss(node: Node) -> bool:
    return isinstance(node, Name) and node.name == LOSS


def _is_jacobian(node: Node) -> bool:
    return isinstance(node, Partial) and not _is_loss(node.numerator)


def transposed_left(relation: Relation, compiled: Compiled) -> Relation:
    """The left side in the other layout."""
    return replace(relation, left=Transposed(relation.left))


def transposed_jacobians(relation: Relation, compiled: Compiled) -> Relation:
    """Every Jacobian in the other layout."""

    def change(node: Node) -> Node:
        return Transposed(node) if _is_jacobian(node) else node

    return _both(relation, change)


def ascending(relation: Relation, compiled: Compiled) -> Relation:
    """Products over time with the earliest time on the left; a stated order stays."""

    def change(node: Node) -> Node:
        if isinstance(node, Reduction) and node.kind == "prod" and node.order == "descending":
            return replace(node, order="ascending")
        return node

    return _both(relation, change)


def outer_products(relation: Relation, compiled: Compiled) -> Relation:
    """⟨a, b⟩ as a bᵀ, as Greff et al. 2017 write it."""

    def change(node: Node) -> Node:
        if not isinstance(node, Call) or node.function != "dot" or len(node.args) != 2:
            return node
        left, right = node.args
        return Binary("@", left, Transposed(right), span=node.span)

    return _both(relation, change)


def elementwise_first(relation: Relation, compiled: Compiled) -> Relation:
    """``a ⊙ b c`` of LaTeX, which stands for a ⊙ (b c), as (a ⊙ b) c."""

    def change(node: Node) -> Node:
        if not isinstance(node, Binary) or node.operator != "*":
            return node
        product = node.right
        if not isinstance(product, Binary) or product.operator != "@" or _bracketed(product):
            return node
        return replace(product, left=change(replace(node, right=product.left)))

    return _both(relation, change)


def _bracketed(node: Node) -> bool:
    """Whether a product was typed in brackets, or in plain text, where it needs them."""
    typed = node.span.text[node.span.column - 1 :].lstrip()
    return detect_mode(node.span.text) == "text" or typed.startswith(("(", "[", r"\left", r"\b"))


def bounds_from_above(relation: Relation, compiled: Compiled) -> Relation:
    """Products whose bounds are written from the last factor down, as ∏_{i=t}^{k+1}."""

    def change(node: Node) -> Node:
        if isinstance(node, Reduction) and node.kind == "prod" and _falls(node):
            return replace(node, lower=node.upper, upper=node.lower)
        return node

    return _both(relation, change)


def _falls(node: Reduction) -> bool:
    """Whether bounds look like t … k+1, T … k or t … 1, not like k+1 … t."""
    gap = rough(node.upper) - rough(node.lower)
    return 0 < gap < NEAR or gap < -NEAR


def _both(relation: Relation, change: Callable[[Node], Node]) -> Relation:
    return replace(
        relation, left=map_nodes(relation.left, change), right=map_nodes(relation.right, change)
    )


def sizes_as(sizes: Callable[[Cell], dict[Symbol, Basic]]) -> RelationChange:
    """The names of sizes, too, as they are in the changed cell."""

    def change(relation: Relation, compiled: Compiled) -> Relation:
        named = {symbol.name: value for symbol, value in sizes(compiled.cell).items()}

        def fixed(node: Node) -> Node:
            if isinstance(node, Name) and not node.indices and node.name in named:
                if node.name in compiled.cell.templates:
                    return node
                value = named[node.name]
                if isinstance(value, Integer):
                    return Number(Fraction(int(value)), span=node.span)
                return replace(node, name=str(value))
            return node

        return _both(relation, fixed)

    return change


def immediate(
    where: Callable[[Partial, Compiled], bool], left: bool, right: bool
) -> RelationChange:
    """Derivatives on these sides, where ``where`` says so, as immediate partials."""

    def change(relation: Relation, compiled: Compiled) -> Relation:
        def direct(node: Node) -> Node:
            if isinstance(node, Partial) and not node.immediate and where(node, compiled):
                return replace(node, immediate=True)
            return node

        return replace(
            relation,
            left=map_nodes(relation.left, direct) if left else relation.left,
            right=map_nodes(relation.right, direct) if right else relation.right,
        )

    return change


def any_jacobian(node: Partial, compiled: Compiled) -> bool:
    """Every derivative but those of the loss."""
    return _is_jacobian(node)


def anything(node: Partial, compiled: Compiled) -> bool:
    """Every derivative."""
    return True


def of_parameter(node: Partial, compiled: Compiled) -> bool:
    """Jacobians with respect to a parameter."""
    below = node.denominator
    return _is_jacobian(node) and isinstance(below, Name) and not below.indices


def total(relation: Relation, compiled: Compiled) -> Relation:
    """Every derivative as a total one."""

    def change(node: Node) -> Node:
        return replace(node, immediate=False) if isinstance(node, Partial) else node

    return _both(relation, change)


def after_start(relation: Relation, compiled: Compiled) -> Relation:
    """The claim for times from 1 on; as it is where it states its times."""
    if relation.conditions:
        return relation
    vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
    vocabulary.check(relation)
    one = Number(Fraction(1))
    letters = sorted(vocabulary.free)
    return replace(relation, conditions=tuple(Relation("<=", one, Name(t)) for t in letters))
