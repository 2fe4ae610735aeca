"""What edits need to know about a cell and a claim: names that may be confused, true terms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sympy import Transpose

from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint, Apply, Jacobian, Variable
from derivations.expressions.traverse import nodes_in
from derivations.language.tree import (
    Binary,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Relation,
    walk,
)
from derivations.render.text import text
from derivations.typing.compile import Compiled
from derivations.typing.names import Vocabulary
from verify.claims.correct_form import Shape, derived, shape_of
from verify.claims.typing import read_relation, type_relation

LONGEST_FORMULA = 600
"""Characters of a derived formula beyond which its terms are no small edits any more."""
MOST_FACTORS = 30
"""Factors of derived formulas that are tried as missing ones."""
MOST_TERMS = 16
"""The same for terms."""


class Facts:
    """A cell and the claim that is edited.

    Attributes:
        ends: names of the ends of time.
        letters: time letters of the claim, free and bound.
    """

    def __init__(self, compiled: Compiled, relation: Relation) -> None:
        self.compiled, self.relation = compiled, relation
        vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
        vocabulary.check(relation)
        self.ends = sorted(vocabulary.ends)
        bound = {n.index for n in walk(relation) if isinstance(n, Reduction)}
        self.free = frozenset(vocabulary.free)
        self.letters = sorted(vocabulary.free | bound)

    @cached_property
    def alike(self) -> dict[str, tuple[str, ...]]:
        """Per variable, the others of its shape and its times; those of its kind first."""
        cell = self.compiled.cell
        defined = cell.defined
        found: dict[str, tuple[str, ...]] = {}
        for name, own in cell.templates.items():
            others = [
                other
                for other, template in cell.templates.items()
                if other not in (name, "loss")
                and template.shape == own.shape
                and template.steps == own.steps
            ]
            others.sort(key=lambda other: (other in defined) != (name in defined))
            found[name] = tuple(others)
        return found

    @cached_property
    def arguments(self) -> dict[str, tuple[str, ...]]:
        """Per elementwise function, the variables it is applied to and the values it gives."""
        found: dict[str, dict[str, None]] = {}
        for definition in self.compiled.cell.definitions:
            for piece in definition.pieces:
                for node in nodes_in(piece.value, Apply):
                    names = found.setdefault(node.function, {})
                    names.update({a.name: None for a in node.arguments if isinstance(a, Variable)})
                    if node == piece.value:
                        names[definition.name] = None
        return {function: tuple(names) for function, names in found.items()}

    @cached_property
    def factors(self) -> tuple[Node, ...]:
        """Factors of the products in the derived formulas, short ones first."""
        found: dict[Node, None] = {}
        for truth in self.truths:
            for node in walk(truth):
                if isinstance(node, Binary) and node.operator in ("*", "@"):
                    found.update(dict.fromkeys((node.left, node.right)))
            if isinstance(truth, Name):
                found[truth] = None
        small = sorted((node for node in found if not isinstance(node, Number)), key=_size)
        return tuple(small[:MOST_FACTORS])

    @cached_property
    def terms(self) -> tuple[Node, ...]:
        """Terms of the derived formulas, short ones first; a lone one would be the formula."""
        sums = [terms for truth in self.truths if len(terms := list(terms_of(truth))) > 1]
        found = dict.fromkeys(term for terms in sums for term in terms)
        return tuple(sorted(found, key=_size)[:MOST_TERMS])

    @cached_property
    def truths(self) -> tuple[Node, ...]:
        """The derived right sides of what the claim is about, as untyped trees."""
        found: dict[Node, None] = {}
        for source in self._derived():
            try:
                found[read_relation(self.compiled, source).right] = None
            except InputError:
                continue
        return tuple(found)

    def _derived(self) -> Iterator[str]:
        """Derived formulas for the derivatives that stand on the left, as text.

        Those in the terms of the claim come first.
        """
        try:
            subject = type_relation(
                self.compiled, Relation("=", self.relation.left, self.relation.left)
            ).left
        except GradproofError:
            return
        subject = subject.arg if isinstance(subject, Transpose) else subject
        if not isinstance(subject, Adjoint | Jacobian):
            return
        own = shape_of(self.compiled, self.relation, subject)
        for shape in dict.fromkeys((own, Shape("adjoint"), Shape("closed"))):
            try:
                formulas = derived(self.compiled, subject, shape)
            except GradproofError:
                continue
            for formula in formulas:
                source = f"{text(formula.left)} = {text(formula.right)}"
                if len(source) <= LONGEST_FORMULA:
                    yield source


def terms_of(node: Node) -> Iterator[Node]:
    """The terms of a sum, each with its sign."""
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        yield from terms_of(node.left)
        for term in terms_of(node.right):
            yield term if node.operator == "+" else negated(term)
    else:
        yield node


def negated(node: Node) -> Node:
    """``-node``, without a second sign."""
    return node.operand if isinstance(node, Negative) else Negative(node)


def _size(node: Node) -> int:
    return sum(1 for _ in walk(node))
