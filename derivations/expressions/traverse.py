"""Walking and rewriting expression trees: operands, occurrences, substitution of indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol
from sympy.core.basic import Basic
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.expressions.nodes import (
    Adjoint,
    DirectSum,
    Jacobian,
    Tangent,
    TimeProduct,
    TimeSum,
    Variable,
)

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
    return node.func(*args)


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


def bound_indices(expr: Basic) -> frozenset[Symbol]:
    """Index symbols that some sum or product inside ``expr`` binds."""
    return frozenset(node.index for node in expr.atoms(*BINDERS))


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
    if not live:
        return expr
    if not expr.has(*BINDERS):
        return expr.xreplace(live)
    incoming = set().union(*(value.free_symbols for value in live.values()))
    if isinstance(expr, BINDERS):
        inner = {key: value for key, value in live.items() if key != expr.index}
        index = expr.index
        if index in incoming and inner:
            names = {Symbol(v.name, integer=True) for v in expr.atoms(Variable)}
            taken = incoming | expr.free_symbols | bound_indices(expr) | names
            index = fresh_index(index.name, taken)
            inner[expr.index] = index
        bounds = [bound.xreplace(live) for bound in (expr.lower, expr.upper)]
        return expr.func(substitute(expr.body, inner), index, *bounds, *expr.args[4:])
    args = [
        substitute(arg, live) if isinstance(arg, MatrixExpr) else arg.xreplace(live)
        for arg in expr.args
    ]
    return expr.func(*args)


def map_leaves(expr: MatrixExpr, change: Callable[[MatrixExpr], MatrixExpr]) -> MatrixExpr:
    """Rebuild ``expr`` with every leaf changed."""
    if isinstance(expr, LEAVES):
        return change(expr)
    parts = operands(expr)
    changed = tuple(map_leaves(part, change) for part in parts)
    return expr if changed == parts else with_operands(expr, changed)
