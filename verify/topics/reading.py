"""A claim about a topic, read by the language of claims about cells, as a formula of the topic.

A topic has no time axis: its indices are symbols of its own, some of them real, its names may be
printed alike (``P[t]`` and ``P[t,k]``), and an offset may stand above (``M^\\tau``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Expr, Max, Min, Symbol, pi
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.derivation import Derivation, Formula
from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Variable
from derivations.expressions.traverse import BINDERS, nodes_in
from derivations.language.tree import (
    Name,
    Node,
    Relation,
    walk,
)
from derivations.typing.compile import Compiled
from derivations.typing.elaborate import Elaborator
from derivations.typing.names import Vocabulary
from derivations.typing.scope import index_symbol, index_value
from derivations.typing.statements import inferred, relation_of
from verify.claims.bounds import forwards
from verify.claims.effort import check_effort, check_powers
from verify.claims.ranges import about, outside_times
from verify.topics.spelling import (
    MOVED,
    TopicNames,
    as_compiled,
    ends_of,
    free_in,
    functions_of,
    in_values,
    named,
    shown_names,
    symbols_of,
    up_to,
    with_plain_sizes,
)

_INTEGERS = re.compile(r"\bfor\s+(?:[a-z]+\s+)?integers?\b")
"""Says that the letters of the condition behind a claim are whole numbers."""


@dataclass(frozen=True)
class TopicClaim:
    """A claim as a formula, with what is not negative at the indices that it is made for."""

    formula: Formula
    gaps: tuple[Expr, ...] = ()


def read_claim(derivation: Derivation, text: str) -> TopicClaim:
    """Read a claim about a topic.

    Raises:
        InputError: it is not a claim, names what the topic does not have, or its shapes clash.
    """
    reader = TopicReader(derivation)
    return reader.typed(reader.relation(text))


def _letters(conditions: tuple[Relation, ...]) -> frozenset[str]:
    return frozenset(n.name for c in conditions for n in walk(c) if isinstance(n, Name))


@dataclass(frozen=True)
class Spoken:
    """A claim in the topic's own names, before anything has a shape.

    Attributes:
        times: what is said behind it, as ``a <= b``.
        integers: letters that are said to be whole numbers.
    """

    relation: Relation
    times: tuple[Relation, ...] = ()
    integers: frozenset[str] = frozenset()


class TopicReader:
    """The language of claims with the names of one topic."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._shown = shown_names(derivation.cell)
        self._own = {symbol.name: symbol for symbol in symbols_of(derivation)}
        plain = with_plain_sizes(derivation.cell)
        real = {name for name, symbol in self._own.items() if not symbol.is_integer}
        self._moved = {
            name: Variable(name + MOVED, (), 1, 1) for name in real - plain.templates.keys()
        }
        moved = {variable.name: variable for variable in self._moved.values()}
        self._cell = replace(plain, templates={**plain.templates, **moved})
        self._numbers = (self._own.keys() | {"pi"}) - plain.templates.keys()

    @property
    def compiled(self) -> Compiled:
        """The topic as what the readers of claims and the edits of claims ask of a cell."""
        return as_compiled(self._derivation, self._cell)

    def relation(self, text: str) -> Spoken:
        """The claim in a text.

        Raises:
            InputError: it is none.
        """
        said, times = outside_times(text)
        asked = relation_of(self.compiled, said)
        ends = ends_of(self._derivation)
        left, right = (up_to(self._named(side), ends) for side in (asked.left, asked.right))
        integers = _letters(times) if _INTEGERS.search(text) else frozenset()
        return Spoken(replace(asked, left=left, right=right), times, integers)

    def typed(self, spoken: Spoken) -> TopicClaim:
        """The claim as a formula of the topic.

        Raises:
            InputError: it names what the topic does not have, or its shapes clash.
        """
        relation = spoken.relation
        check_powers(relation)
        vocabulary = TopicNames(
            self._cell, frozenset(self._numbers), functions_of(self._derivation), self._shown
        )
        vocabulary.check(relation)
        own = {name: s for name, s in self._own.items() if name not in spoken.integers}
        letters: dict[str, Expr] = {
            name: pi if name == "pi" else own.get(name, index_symbol(name))
            for name in vocabulary.free | vocabulary.ends | self._numbers
        }
        vocabulary.letters |= letters.keys()
        left, right = self._sides(relation, vocabulary, letters, own)
        conditions = about(
            spoken.times, frozenset(letters), vocabulary.letters, vocabulary.positions, frozenset()
        )
        stated = [index_value(c.right, letters) - index_value(c.left, letters) for c in conditions]
        ranges = [gap for side in (left, right) for _, gap in forwards(side, str.isdigit)]
        domain = tuple(_domain(self._derivation, (left, right)))
        formula = Formula(left, right, domain, relation=relation.operator)
        return TopicClaim(formula, (*stated, *ranges))

    def _named(self, node: Node) -> Node:
        return in_values(named(node, self._shown), self._moved.keys())

    def _sides(
        self,
        relation: Relation,
        vocabulary: Vocabulary,
        letters: dict[str, Expr],
        own: dict[str, Symbol],
    ) -> list[MatrixExpr]:
        """Both sides in the topic's own symbols."""
        sides = (relation.left, relation.right)
        inference, shapes = inferred(self.compiled, vocabulary, sides, False)
        builder = Elaborator(inference, letters, {}, matrix_powers=True)
        typed = [builder.matrix(s, shape) for s, shape in zip(sides, shapes, strict=True)]
        for side in typed:
            check_effort(side, (), relation.span)
            if side.has(Adjoint):
                raise InputError(
                    "a topic has no loss L of its own",
                    relation.span,
                    f"its names: {', '.join(name for name, _ in self._shown)}",
                )
        back = {symbol: own[symbol.name] for symbol in free_in(*typed) if symbol.name in own}
        back |= {moved: Variable(name, (), 1, 1) for name, moved in self._moved.items()}
        own_sides = [side.xreplace(back) for side in typed]
        for side in own_sides:
            _check_ranges(side, relation)
        return own_sides


def _check_ranges(side: MatrixExpr, relation: Relation) -> None:
    """Refuse sums and products up to a position that need not be a whole number."""
    for binder in nodes_in(side, *BINDERS):
        limits = binder.lower.free_symbols | binder.upper.free_symbols
        real = sorted(s.name for s in limits if not s.is_integer)
        if real:
            raise InputError(
                f"a sum or product runs over whole numbers, and {real[0]} is any real number",
                relation.span,
                f"say 'for integers {real[0]} >= 1' behind the claim, or take another letter",
            )


def _domain(derivation: Derivation, sides: tuple[MatrixExpr, ...]) -> Iterator[Range]:
    """The ranges that the topic gives the indices of the variables that it defines."""
    stated = {f.left: f.domain for f in reversed(derivation.formulas) if f.domain}
    found: dict[Symbol, Range] = {}
    for variable in sorted({v for side in sides for v in nodes_in(side, Variable)}, key=str):
        template = derivation.cell.templates.get(variable.name, variable)
        put = dict(zip(template.steps, variable.steps, strict=True))
        for limits in stated.get(template, ()):
            step = put.get(limits.index, limits.index)
            if isinstance(step, Symbol):
                known = found.get(step, limits)
                low, high = Max(known.lower, limits.lower), Min(known.upper, limits.upper)
                found[step] = Range(step, low, high)
    yield from found.values()
