"""Values that the forward pass has already: kept, and read by the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol
from sympy.matrices.expressions import MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.counts.operations import work
from derivations.counts.walk import free_indices
from derivations.expressions.nodes import Apply, Map, MapPartial, Variable
from derivations.expressions.traverse import (
    BINDERS,
    LEAVES,
    occurrences,
    substitute,
)
from derivations.program.rewrites.naming import Values, added, parts_of, with_parts
from derivations.program.values import Term, Value


@dataclass(frozen=True)
class _Place:
    """An expression in the forward pass, with the ranges of the indices that it depends on."""

    value: Value
    node: MatrixExpr
    ranges: tuple[Range, ...]
    whole: bool


def reuse(values: Values) -> Values:
    """Expressions of the backward pass and the loss that the forward pass computes get a name."""
    ends = {s for v in values.values() for r in v.ranges for s in r.upper.free_symbols}
    values = {name: replace(value) for name, value in values.items()}
    known: dict[MatrixExpr, _Place] = {}
    for value in values.values():
        if value.role == "forward":
            for place in _places(value):
                known.setdefault(_canonical(place.node, ends)[0], place)
    for value in [*values.values()]:
        if value.role in ("adjoint", "loss"):
            value.terms = tuple(
                replace(term, value=_rewritten(term.value, values, known, ends))
                for term in value.terms
            )
    return values


def _places(value: Value) -> Iterator[_Place]:
    single = len(value.terms) == 1 and not value.terms[0].domain
    stack = [(t.value, value.ranges, single) for t in value.terms if not t.domain]
    while stack:
        node, ranges, whole = stack.pop()
        if isinstance(node, LEAVES):
            continue
        if _worth_keeping(node):
            yield _Place(value, node, ranges, whole)
        inner = ranges
        if isinstance(node, BINDERS):
            inner = (*ranges, Range(node.index, node.lower, node.upper))
        stack += [(part, inner, False) for part in parts_of(node)]


def _worth_keeping(node: MatrixExpr) -> bool:
    """Whether a value takes more than sums and elementwise products."""
    if isinstance(node, Variable):
        return False
    if isinstance(node, Apply) and any(node.orders):
        return False
    if work(node).functions != 0 or isinstance(node, MatMul | Map | MapPartial):
        return True
    return any(map(_worth_keeping, parts_of(node)))


def _canonical(
    node: MatrixExpr, ends: set[Symbol]
) -> tuple[MatrixExpr, tuple[tuple[Symbol, Expr], ...]]:
    """The expression with its indices renamed in order, and what each of them stands for."""
    free, found = free_indices(node) - ends, dict[Symbol, list[Expr]]()
    for use in occurrences(node):
        for step in use.leaf.steps:
            for index in step.free_symbols & free:
                found.setdefault(index, []).append((step - index).expand())
    renamed: dict[Symbol, Expr] = {}
    stands: list[tuple[Symbol, Expr]] = []
    for index, offsets in found.items():
        if not all(offset.is_Integer for offset in offsets):
            return node, ()
        latest = max(offsets)
        letter = Symbol(f"·{len(stands)}", integer=True)
        renamed[index] = letter - latest
        stands.append((index, index + latest))
    return substitute(node, renamed), tuple(stands)


def _rewritten(
    node: MatrixExpr, values: Values, known: dict[MatrixExpr, _Place], ends: set[Symbol]
) -> MatrixExpr:
    if isinstance(node, LEAVES):
        return node
    if _worth_keeping(node):
        form, steps = _canonical(node, ends)
        place = known.get(form)
        if place is not None:
            leaf = _named(place, values, known, form, ends)
            if leaf is not None:
                at = dict(zip(_canonical(place.node, ends)[1], steps, strict=True))
                moved = {own: (step - late + own).expand() for (own, late), (_, step) in at.items()}
                return substitute(leaf, moved)
    parts = parts_of(node)
    changed = tuple(_rewritten(part, values, known, ends) for part in parts)
    return node if changed == parts else with_parts(node, changed)


def _named(
    place: _Place, values: Values, known: dict[MatrixExpr, _Place], form: MatrixExpr,
    ends: set[Symbol],
) -> Variable | None:  # fmt: skip
    """The leaf of a forward expression: the value that it is, or one that is added for it."""
    if place.whole:
        return place.value.target if free_indices(place.node) - ends else None
    own = {r.index: r for r in place.ranges}
    needed = free_indices(place.node) - ends
    if not needed <= own.keys():
        return None
    leaf = added(values, _name(place.node), place.node, place.ranges, "forward", True)

    def change(node: MatrixExpr) -> MatrixExpr:
        if node == place.node:
            return leaf
        parts = parts_of(node)
        changed = tuple(map(change, parts))
        return node if changed == parts else with_parts(node, changed)

    _change_everywhere(values, leaf.name, change)
    kept = values[leaf.name]
    known[form] = _Place(kept, place.node, kept.ranges, True)
    return leaf


def _change_everywhere(
    values: Values, but: str, change: Callable[[MatrixExpr], MatrixExpr]
) -> None:
    for value in values.values():
        if value.role == "forward" and value.name != but:
            value.terms = tuple(_term(term, change(term.value)) for term in value.terms)


def _term(term: Term, value: MatrixExpr) -> Term:
    return replace(term, value=value)


def _name(node: MatrixExpr) -> str:
    """``tanh_c`` for tanh(c_t)."""
    head = node.function if isinstance(node, Apply) else type(node).__name__.lower()
    leaves: Sequence[str] = [v.leaf.name for v in occurrences(node)]
    return "_".join([head, *dict.fromkeys(leaves)][:3])
