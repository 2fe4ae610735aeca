"""What edits need to know about a cell and a claim: names that may be confused, true terms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sympy import Transpose

from derivations.answers import Answerer
from derivations.calculus.states import NoClosedForm
from derivations.deriver import Deriver
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint, Apply, Jacobian, Variable
from derivations.functions import lookup
from derivations.language.tree import Node, Reduction, Relation, walk
from derivations.pipeline import Form
from derivations.render.text import text
from derivations.typing.compile import Compiled
from derivations.typing.names import Vocabulary
from verify.claim_typing import read_relation, type_relation

LONGEST_FORMULA = 600
"""Characters of a derived formula beyond which its terms are no small edits any more."""


class Facts:
    """A cell and the claim that is edited.

    Attributes:
        ends: names of the ends of time.
        letters: time letters of the claim, free and bound.
    """

    def __init__(self, compiled: Compiled, relation: Relation) -> None:
        self.compiled, self.relation = compiled, relation
        vocabulary = Vocabulary(compiled.cell)
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
                for node in piece.value.atoms(Apply):
                    names = found.setdefault(node.function, {})
                    names.update({a.name: None for a in node.arguments if isinstance(a, Variable)})
                    if node == piece.value:
                        names[definition.name] = None
        return {function: tuple(names) for function, names in found.items()}

    @cached_property
    def elementwise(self) -> frozenset[str]:
        """Names of the functions that have a slope."""
        return frozenset(name for name in self.arguments if lookup(name) or name)

    @cached_property
    def truths(self) -> tuple[Node, ...]:
        """The derived right sides of what the claim is about, as untyped trees."""
        found: dict[Node, None] = {}
        for form in ("adjoint", "closed"):
            for source in self._derived(form):
                try:
                    found[read_relation(self.compiled, source).right] = None
                except InputError:
                    continue
        return tuple(found)

    def _derived(self, form: Form) -> Iterator[str]:
        """Derived formulas for the derivatives that stand on the left, as text."""
        try:
            subject = type_relation(
                self.compiled, Relation("=", self.relation.left, self.relation.left)
            ).left
            subject = subject.arg if isinstance(subject, Transpose) else subject
            if not isinstance(subject, Adjoint | Jacobian):
                return
            formulas = self._answerer.answer(subject, form).formulas
        except (NoClosedForm, GradproofError):
            return
        for formula in formulas:
            source = f"{text(formula.left)} = {text(formula.right)}"
            if len(source) <= LONGEST_FORMULA:
                yield source

    @cached_property
    def _answerer(self) -> Answerer:
        return Answerer(Deriver(self.compiled.cell))
