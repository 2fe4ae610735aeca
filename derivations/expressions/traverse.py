"""Walking and rewriting expression trees: operands, occurrences, substitution of indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast

from sympy import Expr, Symbol
from sympy.core.basic import Basic
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.expressions.node import made
from derivations.expressions.nodes import (
    Adjoint,
    DirectSum,
    Jacobian,
    Tangent,
    TimeProduct,
    TimeSum,
    Variable,
)

N = TypeVar("N", bound=Basic)

LEAVES = (Variable, Adjoint, Tangent, Jacobian)
BINDERS = (TimeSum, TimeProduct, DirectSum)


def operands(node: MatrixExpr) -> tuple[MatrixExpr, ...]:
    """The matrix arguments of a node; a leaf has none."""
    if isinstance(node, LEAVES):
        return ()
    return tuple(arg for arg in node.args if isinstance(arg, MatrixExpr))


def with_operands(node: MatrixExpr, replaced: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """The same node over other matrix arguments."""
    if not replaced:
        return node
    remaining = iter(replaced)
    args = [next(remaining) if isinstance(arg, MatrixExpr) else arg for arg in node.args]
    return made(node.func, *args)


@dataclass(frozen=True)
class Occurrence:
    """A leaf where it stands, with the binders around it, outermost first."""

    leaf: MatrixExpr
    binders: tuple[Range, ...]


def occurrences(expr: MatrixExpr) -> Iterator[Occurrence]:
    """Every leaf of ``expr``, left to right."""
    stack: list[tuple[MatrixExpr, tuple[Range, ...]]] = [(expr, ())]
    while stack:
        node, binders = stack.pop()
        if isinstance(node, LEAVES):
            yield Occurrence(node, binders)
            continue
        if isinstance(node, BINDERS):
            binders = (*binders, Range(node.index, node.lower, node.upper))
        stack.extend((operand, binders) for operand in reversed(operands(node)))


@lru_cache(maxsize=1 << 12)
def _kinds(expr: Basic) -> frozenset[type]:
    return frozenset({type(expr)}).union(*map(_kinds, expr.args))


def contains(expr: Basic, *kinds: type) -> bool:
    """Whether a node of one of these kinds is anywhere in ``expr``, leaves looked into."""
    return not _kinds(expr).isdisjoint(kinds)


def nodes_in(expr: Basic, *kinds: type[N]) -> frozenset[N]:
    """The nodes of these kinds in ``expr``, leaves looked into; asked for often, so kept."""
    return cast(frozenset[N], _nodes_in(expr, kinds))


@lru_cache(maxsize=1 << 12)
def _nodes_in(expr: Basic, kinds: tuple[type[Basic], ...]) -> frozenset[Basic]:
    found = set()
    stack, seen = [expr], {expr}
    while stack:
        node = stack.pop()
        if not any(issubclass(kind, kinds) for kind in _kinds(node)):
            continue
        if isinstance(node, kinds):
            found.add(node)
        new = [arg for arg in node.args if arg not in seen]
        seen.update(new)
        stack += new
    return frozenset(found)


@lru_cache(maxsize=1 << 12)
def symbols_of(expr: Basic) -> frozenset[Symbol]:
    """Every symbol in ``expr``, bound indices included."""
    if isinstance(expr, Symbol):
        return frozenset({expr})
    return frozenset[Symbol]().union(*map(symbols_of, expr.args))


@lru_cache(maxsize=1 << 12)
def bound_indices(expr: Basic) -> frozenset[Symbol]:
    """Index symbols that some sum or product inside ``expr`` binds."""
    own = frozenset({expr.index} if isinstance(expr, BINDERS) else ())
    return own.union(*map(bound_indices, expr.args))


def fresh_index(preferred: str, taken: frozenset[Symbol] | set[Symbol]) -> Symbol:
    """An integer symbol that is not taken: the preferred letter, else one of the usual ones."""
    names = {symbol.name for symbol in taken}
    for letter in (preferred, "k", "j", "i", "l", "q", "r"):
        if letter not in names:
            return Symbol(letter, integer=True)
    count = next(c for c in range(1, len(names) + 2) if f"{preferred}{c}" not in names)
    return Symbol(f"{preferred}{count}", integer=True)


def substitute(expr: MatrixExpr, mapping: Mapping[Symbol, Expr]) -> MatrixExpr:
    """Replace free index symbols; a bound index that would capture one is renamed first."""
    live = {key: value for key, value in mapping.items() if key != value}
    return _Substitution(live).of(expr) if live else expr


class _Substitution:
    """One substitution; a subexpression that comes again is rewritten once."""

    def __init__(self, live: Mapping[Symbol, Expr]) -> None:
        self._live = live
        self._incoming = frozenset[Symbol]().union(*map(symbols_of, live.values()))
        self._done: dict[MatrixExpr, MatrixExpr] = {}

    def of(self, expr: MatrixExpr) -> MatrixExpr:
        if symbols_of(expr).isdisjoint(self._live):
            return expr
        if expr not in self._done:
            self._done[expr] = self._rewritten(expr)
        return self._done[expr]

    def _rewritten(self, expr: MatrixExpr) -> MatrixExpr:
        if isinstance(expr, BINDERS):
            return self._under_binder(expr)
        args = [
            self.of(arg) if isinstance(arg, MatrixExpr) else arg.xreplace(self._live)
            for arg in expr.args
        ]
        return made(expr.func, *args)

    def _under_binder(self, expr: MatrixExpr) -> MatrixExpr:
        inner = {key: value for key, value in self._live.items() if key != expr.index}
        index = expr.index
        if index in self._incoming and inner:
            names = {Symbol(v.name, integer=True) for v in nodes_in(expr, Variable)}
            taken = self._incoming | symbols_of(expr) | bound_indices(expr) | names
            index = fresh_index(index.name, taken)
            inner[expr.index] = index
        bounds = [bound.xreplace(self._live) for bound in (expr.lower, expr.upper)]
        body = self.of(expr.body) if inner == self._live else substitute(expr.body, inner)
        return made(expr.func, body, index, *bounds, *expr.args[4:])


def map_leaves(expr: MatrixExpr, change: Callable[[MatrixExpr], MatrixExpr]) -> MatrixExpr:
    """Rebuild ``expr`` with every leaf changed."""
    if isinstance(expr, LEAVES):
        return change(expr)
    parts = operands(expr)
    changed = tuple(map_leaves(part, change) for part in parts)
    return expr if changed == parts else with_operands(expr, changed)
