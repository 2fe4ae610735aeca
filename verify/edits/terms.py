"""Mistakes in sums: a sign, a path left out, the local term of a loss at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivations.language.tree import Binary, Name, Negative, Node, Partial, Reduction
from verify.edits.edit import ONE, binary
from verify.edits.facts import Facts, negated, terms_of


def sign(node: Node, facts: Facts) -> Iterator[Node]:
    """The sign of one term, or of the whole; a difference the wrong way round."""
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        yield replace(node, operator="-" if node.operator == "+" else "+")
        if node.operator == "-":
            yield replace(node, left=node.right, right=node.left)
        else:
            yield replace(node, left=negated(node.left))
    if isinstance(node, Negative):
        yield node.operand


def sign_of_all(node: Node, facts: Facts) -> Iterator[Node]:
    """The sign of a whole side."""
    yield negated(node)


def missing_term(node: Node, facts: Facts) -> Iterator[Node]:
    """A sum without one of its terms: a path that was forgotten."""
    if isinstance(node, Binary) and node.operator in ("+", "-") and node.left != ONE:
        yield node.left
        yield node.right if node.operator == "+" else negated(node.right)


def local_term(node: Node, facts: Facts) -> Iterator[Node]:
    """One more term: the loss of this very step, every other variable held fixed."""
    below = facts.relation.left
    if not isinstance(below, Partial) or below.numerator != Name("loss"):
        return
    if isinstance(below.denominator, Name) and below.denominator.indices:
        yield binary("+", replace(below, immediate=True), node)


def added_term(node: Node, facts: Facts) -> Iterator[Node]:
    """One more term of the derived formula: the path through a gate, a delay, a weight."""
    for term in facts.terms:
        yield binary("+", node, term)
    if isinstance(node, Reduction) and node.kind == "sum":
        for truth in facts.truths:
            if isinstance(truth, Reduction) and truth.kind == "sum":
                for term in terms_of(truth.body):
                    yield replace(node, body=binary("+", node.body, term))
