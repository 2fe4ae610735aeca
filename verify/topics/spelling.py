"""How the names of a topic are spelled: letters printed alike, offsets above, ends left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from fractions import Fraction

from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.derivation import Derivation
from derivations.expressions.nodes import Apply, Variable
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
    children,
    rebuild,
)
from derivations.render.style import Style
from derivations.typing.compile import Compiled
from derivations.typing.infer import Inference
from derivations.typing.inline import Library
from derivations.typing.names import Vocabulary
from derivations.typing.scope import Scope, is_end
from derivations.typing.sized import size_symbol

ABOVE = "_^"
"""Ends the printed name of what carries its last index above."""
MOVED = " moving"
"""Ends the name of the value that stands for an index in a derivative by it."""
ZERO = Number(Fraction(0))
Named = dict[tuple[str, int], str]


class TopicNames(Vocabulary):
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


def symbols_of(derivation: Derivation) -> Iterator[Symbol]:
    """Every index and size in the formulas and definitions."""
    for formula in derivation.formulas:
        yield from free_in(formula.left, *formula.via, formula.right)
        for limits in formula.domain:
            yield from (limits.index, *limits.lower.free_symbols, *limits.upper.free_symbols)
    for variable in derivation.cell.templates.values():
        yield from (s for e in (*variable.shape, *variable.steps) for s in e.free_symbols)


def functions_of(derivation: Derivation) -> frozenset[str]:
    """The names of all functions in the formulas."""
    sides = (side for f in derivation.formulas for side in (f.left, *f.via, f.right))
    return frozenset(node.function for side in sides for node in nodes_in(side, Apply))


def ends_of(derivation: Derivation) -> dict[str, Node]:
    """The last value of every index to which the topic gives one, as it would be typed."""
    ranges = {r.index.name: r for formula in derivation.formulas for r in formula.domain}
    return {name: parse_claim(f"{r.upper} = 0").left for name, r in ranges.items()}


def up_to(node: Node, ends: Mapping[str, Node]) -> Node:
    """``node`` with the topic's ends for indices of sums whose last value is left out."""
    inner = rebuild(node, iter([up_to(child, ends) for child in children(node)]))
    if not isinstance(inner, Reduction) or inner.index not in ends:
        return inner
    span = inner.upper.span
    typed = span.text[span.column - 1 : span.end_column - 1]
    left_out = isinstance(inner.upper, Name) and inner.upper.name not in typed
    return replace(inner, upper=ends[inner.index]) if left_out else inner


def free_in(*sides: MatrixExpr) -> set[Symbol]:
    """The indices and sizes in some expressions."""
    return {symbol for side in sides for symbol in side.free_symbols if isinstance(symbol, Symbol)}


def with_plain_sizes(cell: Cell) -> Cell:
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


def in_values(node: Node, real: Set[str]) -> Node:
    """``node`` with the real indices that it differentiates in as 1×1 values."""
    inner = rebuild(node, iter([in_values(child, real) for child in children(node)]))
    if isinstance(inner, Partial) and isinstance(inner.denominator, Name):
        below = inner.denominator
        if not below.indices and below.name in real:
            return replace(inner, denominator=replace(below, name=below.name + MOVED))
    return inner


def shown_names(cell: Cell) -> Named:
    """Names and numbers of indices as they are printed, with the names they stand for."""
    style = Style(displays=cell.displays)
    return {
        (style.display(name).replace(ABOVE, ""), len(v.steps)): name
        for name, v in cell.templates.items()
    }


def as_compiled(derivation: Derivation, cell: Cell) -> Compiled:
    """What the readers of claims ask of a cell."""
    most: dict[str, tuple[Node, ...]] = {}
    for (name, count), own in shown_names(derivation.cell).items():
        steps = tuple(
            Name(step.name) if isinstance(step, Symbol) else Number(Fraction(int(step)))
            for step in cell.templates[own].steps
        )
        if count >= len(most.get(name, ())):
            most[name] = steps
    letters = sorted({symbol.name for symbol in symbols_of(derivation)} - most.keys())
    together: Node = ZERO
    for letter in letters:
        together = Binary("+", together, Name(letter))
    used = next((Name(name, (together,)) for name, s in most.items() if len(s) == 1), ZERO)
    equations = tuple(Equation(Name(name, steps), used) for name, steps in most.items())
    source = CellSource(cell.title, cell.source, equations)
    scope = Scope((), {}, {}, frozenset())
    return Compiled(cell, source, Inference(scope), Library({}, {}))


def named(node: Node, shown: Named) -> Node:
    """``node`` in the topic's own names, with offsets that stand above as indices."""
    if isinstance(node, Binary) and node.operator == "**" and isinstance(node.left, Name):
        name, count = node.left.name, len(node.left.indices)
        below = node.span.text[node.span.column - 1 : node.span.end_column - 1]
        # What stands behind a bracket, as in (M^a)^n, is a power.
        beside = node.right.span.end_column <= node.span.end_column
        offset = "[" not in below if count else (name, 0) not in shown
        if (name, count + 1) in shown and beside and offset:
            raised = (*node.left.indices, node.right)
            return named(replace(node.left, indices=raised, span=node.span), shown)
    inner = rebuild(node, iter([named(child, shown) for child in children(node)]))
    if isinstance(inner, Name):
        return replace(inner, name=shown.get((inner.name, len(inner.indices)), inner.name))
    return inner
