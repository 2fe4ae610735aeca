"""A claim about a topic, read by the language of claims about cells, as a formula of the topic.

A topic has no time axis: its indices are symbols of its own, some of them real, its names may be
printed alike (``P[t]`` and ``P[t,k]``), and an offset may stand above (``M^\\tau``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Max, Min, Symbol, pi
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.derivation import Derivation, Formula
from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Apply, Variable
from derivations.expressions.traverse import nodes_in
from derivations.language import parse_claim
from derivations.language.tree import (
    Binary,
    CellSource,
    Equation,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    children,
    rebuild,
    walk,
)
from derivations.render.style import Style
from derivations.typing.compile import Compiled
from derivations.typing.elaborate import Elaborator
from derivations.typing.infer import Inference
from derivations.typing.inline import Library
from derivations.typing.names import Vocabulary
from derivations.typing.scope import Scope, index_symbol, index_value, is_end
from derivations.typing.sized import size_symbol
from derivations.typing.statements import inferred, relation_of
from verify.claims.bounds import forwards
from verify.claims.effort import check_effort, check_powers
from verify.claims.ranges import about, outside_times

ABOVE = "_^"
"""Ends the printed name of what carries its last index above."""
MOVED = " moving"
"""Ends the name of the value that stands for an index in a derivative by it."""
ZERO = Number(Fraction(0))
_INTEGERS = re.compile(r"\bfor\s+(?:[a-z]+\s+)?integers?\b")
"""Says that the letters of the condition behind a claim are whole numbers."""
Named = dict[tuple[str, int], str]


@dataclass(frozen=True)
class TopicClaim:
    """A claim as a formula, with what is not negative at the indices that it is made for."""

    formula: Formula
    gaps: tuple[Expr, ...] = ()


class _Names(Vocabulary):
    """The names of a topic: its indices and sizes are known numbers."""

    about = "topic"

    def __init__(
        self, cell: Cell, symbols: frozenset[str], functions: frozenset[str], shown: Named
    ) -> None:
        super().__init__(cell)
        self._functions |= functions
        numbers = symbols - cell.templates.keys()
        self.ends = frozenset(name for name in numbers if is_end(name))
        self.sizes = self.sizes | numbers
        self._shown = shown

    def _refuse_sizes(self, node: Node) -> None:
        """Sums run over whatever the topic's own sums run over."""

    def _suggestion(self, name: str) -> str:
        return f"the topic's names: {', '.join(dict.fromkeys(name for name, _ in self._shown))}"


def read_claim(derivation: Derivation, text: str) -> TopicClaim:
    """Read a claim about a topic.

    Raises:
        InputError: it is not a claim, names what the topic does not have, or its shapes clash.
    """
    return _Reader(derivation).claim(text)


def _letters(conditions: tuple[Relation, ...]) -> frozenset[str]:
    return frozenset(n.name for c in conditions for n in walk(c) if isinstance(n, Name))


class _Reader:
    """The language of claims with the names of one topic."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._shown = _shown(derivation.cell)
        self._own = {symbol.name: symbol for symbol in _symbols(derivation)}
        plain = _plain(derivation.cell)
        real = {name for name, symbol in self._own.items() if not symbol.is_integer}
        self._moved = {
            name: Variable(name + MOVED, (), 1, 1) for name in real - plain.templates.keys()
        }
        moved = {variable.name: variable for variable in self._moved.values()}
        self._cell = replace(plain, templates={**plain.templates, **moved})
        self._numbers = (self._own.keys() | {"pi"}) - plain.templates.keys()

    def claim(self, text: str) -> TopicClaim:
        said, times = outside_times(text)
        asked = relation_of(_compiled(self._derivation, self._cell), said)
        ends = _ends(self._derivation)
        left, right = (_up_to(self._named(side), ends) for side in (asked.left, asked.right))
        relation = replace(asked, left=left, right=right)
        check_powers(relation)
        vocabulary = _Names(
            self._cell, frozenset(self._numbers), _functions(self._derivation), self._shown
        )
        vocabulary.check(relation)
        integers = _letters(times) if _INTEGERS.search(text) else frozenset()
        own = {name: symbol for name, symbol in self._own.items() if name not in integers}
        letters: dict[str, Expr] = {
            name: pi if name == "pi" else own.get(name, index_symbol(name))
            for name in vocabulary.free | vocabulary.ends | self._numbers
        }
        vocabulary.letters |= letters.keys()
        left, right = self._typed(relation, vocabulary, letters, own)
        conditions = about(
            times, frozenset(letters), vocabulary.letters, vocabulary.positions, frozenset()
        )
        stated = [index_value(c.right, letters) - index_value(c.left, letters) for c in conditions]
        ranges = [gap for side in (left, right) for _, gap in forwards(side, str.isdigit)]
        domain = tuple(_domain(self._derivation, (left, right)))
        formula = Formula(left, right, domain, relation=relation.operator)
        return TopicClaim(formula, (*stated, *ranges))

    def _named(self, node: Node) -> Node:
        return _in_values(_named(node, self._shown), self._moved.keys())

    def _typed(
        self,
        relation: Relation,
        vocabulary: Vocabulary,
        letters: dict[str, Expr],
        own: dict[str, Symbol],
    ) -> list[MatrixExpr]:
        """Both sides in the topic's own symbols."""
        compiled = _compiled(self._derivation, self._cell)
        sides = (relation.left, relation.right)
        inference, shapes = inferred(compiled, vocabulary, sides, False)
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
        back = {symbol: own[symbol.name] for symbol in _free(*typed) if symbol.name in own}
        back |= {moved: Variable(name, (), 1, 1) for name, moved in self._moved.items()}
        return [side.xreplace(back) for side in typed]


def _symbols(derivation: Derivation) -> Iterator[Symbol]:
    """Every index and size in the formulas and definitions."""
    for formula in derivation.formulas:
        yield from _free(formula.left, *formula.via, formula.right)
        for limits in formula.domain:
            yield from (limits.index, *limits.lower.free_symbols, *limits.upper.free_symbols)
    for variable in derivation.cell.templates.values():
        yield from (s for e in (*variable.shape, *variable.steps) for s in e.free_symbols)


def _functions(derivation: Derivation) -> frozenset[str]:
    """The names of all functions in the formulas."""
    sides = (side for f in derivation.formulas for side in (f.left, *f.via, f.right))
    return frozenset(node.function for side in sides for node in nodes_in(side, Apply))


def _ends(derivation: Derivation) -> dict[str, Node]:
    """The last value of every index to which the topic gives one, as it would be typed."""
    ranges = {r.index.name: r for formula in derivation.formulas for r in formula.domain}
    return {name: parse_claim(f"{r.upper} = 0").left for name, r in ranges.items()}


def _up_to(node: Node, ends: Mapping[str, Node]) -> Node:
    """``node`` with the topic's ends for indices of sums whose last value is left out."""
    inner = rebuild(node, iter([_up_to(child, ends) for child in children(node)]))
    if not isinstance(inner, Reduction) or inner.index not in ends:
        return inner
    span = inner.upper.span
    typed = span.text[span.column - 1 : span.end_column - 1]
    left_out = isinstance(inner.upper, Name) and inner.upper.name not in typed
    return replace(inner, upper=ends[inner.index]) if left_out else inner


def _free(*sides: MatrixExpr) -> set[Symbol]:
    return {symbol for side in sides for symbol in side.free_symbols if isinstance(symbol, Symbol)}


def _plain(cell: Cell) -> Cell:
    """The cell with its sizes as the language has them."""
    plain = {
        symbol: size_symbol(symbol.name)
        for variable in cell.templates.values()
        for extent in variable.shape
        for symbol in extent.free_symbols
    }
    templates = {
        name: Variable(name, v.steps, *(extent.xreplace(plain) for extent in v.shape))
        for name, v in cell.templates.items()
    }
    return replace(cell, templates=templates, definitions=(), written=())


def _in_values(node: Node, real: Set[str]) -> Node:
    """``node`` with the real indices that it differentiates in as 1×1 values."""
    inner = rebuild(node, iter([_in_values(child, real) for child in children(node)]))
    if isinstance(inner, Partial) and isinstance(inner.denominator, Name):
        below = inner.denominator
        if not below.indices and below.name in real:
            return replace(inner, denominator=replace(below, name=below.name + MOVED))
    return inner


def _shown(cell: Cell) -> Named:
    """Names and numbers of indices as they are printed, with the names they stand for."""
    style = Style(displays=cell.displays)
    return {
        (style.display(name).replace(ABOVE, ""), len(v.steps)): name
        for name, v in cell.templates.items()
    }


def _compiled(derivation: Derivation, cell: Cell) -> Compiled:
    """What the readers of claims ask of a cell."""
    most: dict[str, tuple[Node, ...]] = {}
    for (name, count), own in _shown(derivation.cell).items():
        steps = tuple(
            Name(step.name) if isinstance(step, Symbol) else Number(Fraction(int(step)))
            for step in cell.templates[own].steps
        )
        if count >= len(most.get(name, ())):
            most[name] = steps
    letters = sorted({symbol.name for symbol in _symbols(derivation)} - most.keys())
    together: Node = ZERO
    for letter in letters:
        together = Binary("+", together, Name(letter))
    used = next((Name(name, (together,)) for name, s in most.items() if len(s) == 1), ZERO)
    equations = tuple(Equation(Name(name, steps), used) for name, steps in most.items())
    source = CellSource(cell.title, cell.source, equations)
    scope = Scope((), {}, {}, frozenset())
    return Compiled(cell, source, Inference(scope), Library({}, {}))


def _named(node: Node, shown: Named) -> Node:
    """``node`` in the topic's own names, with offsets that stand above as indices."""
    if isinstance(node, Binary) and node.operator == "**" and isinstance(node.left, Name):
        name, count = node.left.name, len(node.left.indices)
        below = node.span.text[node.span.column - 1 : node.span.end_column - 1]
        if (name, count + 1) in shown and ("[" not in below if count else (name, 0) not in shown):
            raised = (*node.left.indices, node.right)
            return _named(replace(node.left, indices=raised, span=node.span), shown)
    inner = rebuild(node, iter([_named(child, shown) for child in children(node)]))
    if isinstance(inner, Name):
        return replace(inner, name=shown.get((inner.name, len(inner.indices)), inner.name))
    return inner


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
