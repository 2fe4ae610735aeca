"""Which times each term of a claim needs to exist, as index expressions that are not negative.

A term outside every sum restricts the indices that stand in it. A term under a sum or a product
restricts the indices of its bounds, at the end of the range where it would leave its lifetime; what
no choice of an index mends (h[T+1] in a sum up to T) restricts nothing and is judged as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.existence import lifetime
from derivations.calculus.graph import edges
from derivations.cell import Cell, Range
from derivations.expressions.nodes import Adjoint, Jacobian, Map, Tangent, TimeSum, Variable
from derivations.expressions.traverse import (
    BINDERS,
    bound_indices,
    nodes_in,
    occurrences,
    operands,
)
from derivations.same import Same
from derivations.typing.scope import is_end


@dataclass(frozen=True)
class Bound:
    """``gap ≥ 0``, and the term that needs it.

    Attributes:
        term: ``None`` where the claim states it itself.
        inside: whether the term stands under a sum or a product whose index was put at an end.
        order: whether it is that causes come first.
    """

    gap: Expr
    term: MatrixExpr | None
    inside: bool
    order: bool = False


def bounds_of(cell: Cell, side: MatrixExpr, stated: frozenset[Symbol]) -> Iterator[Bound]:
    """What every term of a side needs.

    Args:
        stated: indices whose times the claim states itself; of others, what is differentiated or
            differentiated by means one initial value of several.
    """
    yield from _of_maps(cell, side)
    yield from (Bound(gap, binder, False) for binder, gap in forwards(side, is_end))
    for leaf, binders in dict.fromkeys((f.leaf, f.binders) for f in occurrences(side)):
        for variable in _variables(leaf):
            reach = _lifetime(Same(cell), variable.name)
            if isinstance(leaf, Jacobian) or not _letters(variable) & stated:
                reach = _meant(cell, leaf, variable, reach)
            for step, (low, high) in zip(variable.steps, reach, strict=True):
                yield from _inside(step - low, leaf, binders)
                yield from _inside(high - step, leaf, binders)
        if isinstance(leaf, Jacobian) and not binders:
            for gap in _order(cell, leaf):
                yield Bound(gap, leaf, False, order=True)


def forwards(side: MatrixExpr, fixed: Callable[[str], bool]) -> Iterator[tuple[MatrixExpr, Expr]]:
    """Sums and products between two free times, with what is not negative if they run forwards.

    One from t - tau + 1 to t has tau terms; a range between a time and an end that is ``fixed``
    may be empty in any way.
    """
    bound = bound_indices(side)
    found = []
    for binder in nodes_in(side, *BINDERS):
        letters = (binder.lower.free_symbols | binder.upper.free_symbols) - bound
        if sum(not fixed(symbol.name) for symbol in letters) > 1:
            found.append(binder)
    # Few are left to be put in an order, which takes their text.
    for binder in sorted(found, key=str) if len(found) > 1 else found:
        yield binder, (binder.upper - binder.lower + 1).expand()


def _letters(variable: Variable) -> set[Symbol]:
    return {symbol for step in variable.steps for symbol in step.free_symbols}


def _meant(
    cell: Cell, leaf: MatrixExpr, variable: Variable, reach: tuple[tuple[Expr, Expr], ...]
) -> tuple[tuple[Expr, Expr], ...]:
    """The times that an index of a derivative means where no times are stated."""
    if not isinstance(leaf, Jacobian | Adjoint):
        return reach
    reach = tuple(map(_one_start, variable.steps, reach))
    above = isinstance(leaf, Jacobian) and variable == leaf.numerator
    return _computed(cell, variable, reach) if above else reach


def _of_maps(cell: Cell, side: MatrixExpr) -> Iterator[Bound]:
    """ℓ_t is a map of the times at which the cell applies it."""
    for node, binders in _maps(side, ()):
        for total in _sums_over(cell, node.name):
            yield from _inside(node.steps[0] - total.lower, node, binders)
            yield from _inside(total.upper - node.steps[0], node, binders)


def _maps(node: MatrixExpr, binders: tuple[Range, ...]) -> Iterator[tuple[Map, tuple[Range, ...]]]:
    """Every map that has a time, with the binders around it, outermost first."""
    if isinstance(node, Map) and node.steps:
        yield node, binders
    if isinstance(node, BINDERS):
        binders = (*binders, Range(node.index, node.lower, node.upper))
    for part in operands(node):
        yield from _maps(part, binders)


def _sums_over(cell: Cell, name: str) -> Iterator[TimeSum]:
    """The sums over time in which the cell applies the map ``name`` at the summed index."""
    values = [piece.value for definition in cell.definitions for piece in definition.pieces]
    for total in (node for value in values for node in nodes_in(value, TimeSum)):
        if any(m.name == name and m.steps == (total.index,) for m in nodes_in(total.body, Map)):
            yield total


def _one_start(step: Expr, reach: tuple[Expr, Expr]) -> tuple[Expr, Expr]:
    """Of several initial values an index means the one next to the first step."""
    low, high = reach
    if step.is_number or not low.is_number:
        return reach
    last = high - high.subs({s: Integer(0) for s in high.free_symbols})
    return max(low, Integer(0)), min(high - last, Integer(1)) + last


def _computed(
    cell: Cell, variable: Variable, reach: tuple[tuple[Expr, Expr], ...]
) -> tuple[tuple[Expr, Expr], ...]:
    """What is differentiated has an equation: an initial value depends on nothing."""
    definition = cell.defined.get(variable.name)
    if definition is None or any(r.pinned for p in definition.pieces for r in p.domain):
        return reach
    ends = {axis.upper for axis in cell.axes}
    return tuple(
        (max(low, Integer(1)), next((e for e in ends if high.has(e)), high))
        if low.is_number and not step.is_number
        else (low, high)
        for step, (low, high) in zip(variable.steps, reach, strict=True)
    )


def _variables(leaf: MatrixExpr) -> tuple[Variable, ...]:
    if isinstance(leaf, Jacobian):
        return leaf.numerator, leaf.denominator
    return (leaf.variable,) if isinstance(leaf, Adjoint | Tangent) else (leaf,)


def _inside(gap: Expr, leaf: MatrixExpr, binders: Sequence[Range]) -> Iterator[Bound]:
    """``gap ≥ 0`` at the place of each binder's range where it is least."""
    gap, moved = gap.expand(), False
    for binder in reversed(binders):
        if binder.index not in gap.free_symbols:
            continue
        slope = gap.coeff(binder.index)
        if slope != 0 and slope.is_number:
            end = binder.lower if slope > 0 else binder.upper
            gap = gap.xreplace({binder.index: end}).expand()
            moved = True
    yield Bound(gap, leaf, moved)


def _order(cell: Cell, leaf: Jacobian) -> Iterator[Expr]:
    """∂h_t/∂h_k is claimed for k ≤ t where values flow forward only, for k ≥ t where backward."""
    above, below = leaf.numerator, leaf.denominator
    if len(above.steps) != 1 or len(below.steps) != 1:
        return
    if cell.templates[above.name].steps != cell.templates[below.name].steps:
        return
    delays = _delays_between(Same(cell), above.name, below.name)
    gap = (above.steps[0] - below.steps[0]).expand()
    if delays and min(delays) >= 0:
        yield gap
    elif delays and max(delays) <= 0:
        yield -gap


@lru_cache(maxsize=1024)
def _lifetime(cell: Same[Cell], name: str) -> tuple[tuple[Expr, Expr], ...]:
    return lifetime(cell.value, name)


@lru_cache(maxsize=256)
def _delays_between(cell: Same[Cell], top: str, bottom: str) -> frozenset[int]:
    """Delays of the equations on some way from one variable to the other; empty if unknown."""
    uses = list(edges(cell.value.definitions))
    down, up = {top}, {bottom}
    for _ in uses:
        down |= {e.used for e in uses if e.user in down}
        up |= {e.user for e in uses if e.used in up}
    found: set[int] = set()
    for edge in uses:
        if edge.user in down & up and edge.used in down & up:
            if None in edge.delays:
                return frozenset()
            found.update(d for d in edge.delays if d is not None)
    return frozenset(found)
