"""Mistakes in products: transposes, order, ⊙ for @, a factor too few, too many, or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    SlotDerivative,
    Transposed,
)
from verify.edits.edit import binary, flat, joined
from verify.edits.facts import Facts

_TRANSPOSABLE = (Partial, SlotDerivative, Reduction, Binary)
_OPERATORS = ("@", "*", "+", "-")


def transposed(node: Node, facts: Facts) -> Iterator[Node]:
    """A missing or a superfluous transpose."""
    if isinstance(node, Transposed):
        yield node.operand
    elif isinstance(node, Name):
        template = facts.compiled.cell.templates.get(node.name)
        if template is not None and template.shape != (1, 1):
            yield Transposed(node)
    elif isinstance(node, Call):
        if node.function != "diag":
            yield Transposed(node)
    elif isinstance(node, _TRANSPOSABLE) and getattr(node, "operator", "@") in _OPERATORS:
        yield Transposed(node)


def reordered(node: Node, facts: Facts) -> Iterator[Node]:
    """Factors of a matrix product in another order: reversed, or two neighbours swapped."""
    if isinstance(node, Binary) and node.operator == "@":
        factors = flat(node, "@")
        for position in range(len(factors) - 1):
            swapped = list(factors)
            swapped[position : position + 2] = swapped[position + 1], swapped[position]
            yield joined("@", swapped)
        if len(factors) > 2:
            yield joined("@", reversed(factors))
            yield joined("@", [*factors[1:], factors[0]])
            yield joined("@", [factors[-1], *factors[:-1]])


def other_direction(node: Node, facts: Facts) -> Iterator[Node]:
    """A product over time that runs the other way."""
    if isinstance(node, Reduction) and node.kind == "prod":
        yield replace(node, order="ascending" if node.order == "descending" else "descending")


def other_product(node: Node, facts: Facts) -> Iterator[Node]:
    """⊙ for a matrix product, and back; a diagonal matrix for its diagonal, and back."""
    if isinstance(node, Binary) and node.operator in ("*", "@"):
        yield replace(node, operator="@" if node.operator == "*" else "*")
    if isinstance(node, Call) and node.function == "diag" and len(node.args) == 1:
        yield node.args[0]
    if isinstance(node, Binary) and node.operator == "*":
        yield binary("@", Call("diag", (node.left,)), node.right)
        yield binary("@", node.left, Call("diag", (node.right,)))
    if isinstance(node, Name) or (isinstance(node, Call) and node.order):
        yield Call("diag", (node,))


def missing_factor(node: Node, facts: Facts) -> Iterator[Node]:
    """A product without one of its factors."""
    if isinstance(node, Binary) and node.operator in ("*", "@"):
        yield node.right
        yield node.left
    if isinstance(node, Binary) and node.operator == "/":
        yield node.left


def scaled(node: Node, facts: Facts) -> Iterator[Node]:
    """A number as a factor too few or too many: 2, 1/2."""
    half = Number(Fraction(1, 2))
    if isinstance(node, Binary) and node.operator == "*" and isinstance(node.left, Number):
        return
    yield binary("*", Number(Fraction(2)), node)
    yield binary("*", half, node)


def added_factor(node: Node, facts: Facts) -> Iterator[Node]:
    """A product with one more of the factors that the derived formula has."""
    if not isinstance(node, Binary | Name | Partial | Call):
        return
    for factor in facts.factors:
        yield binary("@", factor, node)
        yield binary("*", factor, node)
        yield binary("@", node, factor)


def replaced_factor(node: Node, facts: Facts) -> Iterator[Node]:
    """Another factor of the derived formula in the place of this one."""
    if isinstance(node, Binary | Name | Partial | Call | Transposed):
        yield from (factor for factor in facts.factors if factor != node)
