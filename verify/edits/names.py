"""Mistakes in names: a slope at the wrong value, gates confused, the wrong function or weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.language.tree import Binary, Call, Name, Node, Number, Partial
from verify.edits.edit import ONE, binary
from verify.edits.facts import Facts
from verify.edits.times import shifted


def slope_argument(node: Node, facts: Facts) -> Iterator[Node]:
    """The slope of a function at its value, at its argument, or at a neighbouring step."""
    if not isinstance(node, Call) or not node.order or not node.args:
        return
    at, *rest = node.args
    if not isinstance(at, Name):
        return
    for name in facts.arguments.get(node.function, ()):
        template = facts.compiled.cell.templates[name]
        if len(template.steps) != len(at.indices):
            continue
        for by in (0, 1, -1):
            moved = Name(name, tuple(shifted(index, by) for index in at.indices))
            if moved != at:
                yield replace(node, args=(moved, *rest))


def value_for_slope(node: Node, facts: Facts) -> Iterator[Node]:
    """A function for its slope, and back."""
    if isinstance(node, Call) and node.function in facts.arguments:
        yield replace(node, order=0 if node.order else 1)


def other_function(node: Node, facts: Facts) -> Iterator[Node]:
    """Another function of the cell."""
    if isinstance(node, Call) and node.function in facts.arguments:
        for name in facts.arguments:
            if name != node.function:
                yield replace(node, function=name)


def complement(node: Node, facts: Facts) -> Iterator[Node]:
    """A gate for what it leaves: z for 1 - z, and back."""
    if _is_complement(node):
        assert isinstance(node, Binary)
        yield node.right
    elif isinstance(node, Name) and node.indices:
        yield binary("-", ONE, node)


def slope_of_value(node: Node, facts: Facts) -> Iterator[Node]:
    """1 - h for 1 - h², h(1 - h) for 1 - h², and back."""
    if _is_complement(node):
        assert isinstance(node, Binary)
        inner = node.right
        square = _root(inner)
        if square is not None:
            yield replace(node, right=square)
            yield binary("*", square, replace(node, right=square))
        else:
            yield replace(node, right=binary("*", inner, inner))
    if isinstance(node, Binary) and node.operator == "*" and _is_complement(node.right):
        assert isinstance(node.right, Binary)
        if node.left == node.right.right:
            yield binary("-", ONE, binary("*", node.left, node.left))


def _is_complement(node: Node) -> bool:
    return isinstance(node, Binary) and node.operator == "-" and node.left == ONE


def _root(node: Node) -> Node | None:
    """h of h ⊙ h or h²."""
    if isinstance(node, Binary) and node.operator == "*" and node.left == node.right:
        return node.left
    if isinstance(node, Binary) and node.operator == "**" and node.right == Number(Fraction(2)):
        return node.left
    return None


def other_variable(node: Node, facts: Facts) -> Iterator[Node]:
    """Another variable of the same shape and times: f for i, h for c, W for U."""
    if isinstance(node, Name):
        for name in facts.alike.get(node.name, ()):
            yield replace(node, name=name)
    if isinstance(node, Partial) and isinstance(node.denominator, Name):
        below = node.denominator
        for name in facts.alike.get(below.name, ()):
            yield replace(node, denominator=replace(below, name=name))


def immediate_for_total(node: Node, facts: Facts) -> Iterator[Node]:
    """The total derivative for the immediate partial, and back."""
    if isinstance(node, Partial):
        yield replace(node, immediate=not node.immediate)
