"""At which times a claim is made: those at which all its terms exist.

A term outside every sum restricts the indices that stand in it. A term under a sum or a product
restricts the indices of its bounds, at the end of the range where it would leave its lifetime; what
no choice of an index mends (h[T+1] in a sum up to T) restricts nothing and is judged as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Integer, Max, Min, Symbol, ceiling, floor, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.existence import lifetime
from derivations.calculus.graph import edges
from derivations.cell import Cell, Range
from derivations.errors import InputError
from derivations.expressions.nodes import (
    Adjoint,
    Entry,
    Jacobian,
    Map,
    Tangent,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import BINDERS, occurrences, operands
from derivations.render.text import text
from verify.same import Same

LARGE = 10**6
"""Stands for an end of time where it is asked whether something can hold at all."""


class Vacuous(InputError):
    """A claim about times that do not exist."""


@dataclass(frozen=True)
class _Bound:
    """``gap ≥ 0``, and the term that needs it."""

    gap: Expr
    term: MatrixExpr | None
    inside: bool


def domain_of(
    cell: Cell,
    sides: Iterable[MatrixExpr],
    indices: Sequence[Symbol],
    entries: Sequence[Symbol] = (),
    gaps: Iterable[Expr] = (),
) -> tuple[Range, ...]:
    """One range for every free index, in an order in which each refers to earlier ones only.

    Args:
        indices: free time indices; ``entries``: letters that stand for a row or a column.
        gaps: what is not negative at the times that the claim states itself.

    Raises:
        Vacuous: a term exists at no time; the message names it.
    """
    sides = tuple(sides)
    bounds = [bound for side in sides for bound in _bounds(cell, side)]
    bounds += [_Bound(gap.expand(), None, False) for gap in gaps]
    ranges = _solve(cell, bounds, tuple(indices))
    return (*ranges, *_entries(sides, entries))


def _bounds(cell: Cell, side: MatrixExpr) -> Iterator[_Bound]:
    yield from _of_maps(cell, side)
    for found in occurrences(side):
        leaf = found.leaf
        for variable in _variables(leaf):
            reach = _lifetime(Same(cell), variable.name)
            if isinstance(leaf, Jacobian):
                reach = tuple(map(_one_start, variable.steps, reach))
                if variable == leaf.numerator:
                    reach = _computed(cell, variable, reach)
            for step, (low, high) in zip(variable.steps, reach, strict=True):
                yield from _inside(step - low, leaf, found.binders)
                yield from _inside(high - step, leaf, found.binders)
        if isinstance(leaf, Jacobian) and not found.binders:
            for gap in _order(cell, leaf):
                yield _Bound(gap, leaf, False)


def _of_maps(cell: Cell, side: MatrixExpr) -> Iterator[_Bound]:
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
    for total in (node for value in values for node in value.atoms(TimeSum)):
        if any(m.name == name and m.steps == (total.index,) for m in total.body.atoms(Map)):
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


def _inside(gap: Expr, leaf: MatrixExpr, binders: Sequence[Range]) -> Iterator[_Bound]:
    """``gap ≥ 0`` at the place of each binder's range where it is least."""
    gap, moved = gap.expand(), False
    for binder in reversed(binders):
        slope = gap.coeff(binder.index)
        if slope != 0 and slope.is_number:
            end = binder.lower if slope > 0 else binder.upper
            gap = gap.subs(binder.index, end).expand()
            moved = True
    yield _Bound(gap, leaf, moved)


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


def _solve(cell: Cell, bounds: list[_Bound], indices: tuple[Symbol, ...]) -> tuple[Range, ...]:
    lows: dict[Symbol, list[Expr]] = {index: [] for index in indices}
    highs: dict[Symbol, list[Expr]] = {index: [] for index in indices}
    ends: list[Range] = []
    placed: list[Symbol] = []
    # Bounds on one index alone come first, so that the others can refer to it.
    for bound in sorted(bounds, key=lambda b: len(b.gap.free_symbols & set(indices))):
        free = sorted(bound.gap.free_symbols & set(indices), key=str)
        if not free:
            ends.extend(_about_ends(bound))
            continue
        index = next((i for i in reversed(free) if abs(bound.gap.coeff(i)) == 1), free[-1])
        slope = bound.gap.coeff(index)
        if not slope.is_number or slope == 0:
            continue
        rest = (-(bound.gap - slope * index) / slope).expand()
        if slope > 0:
            lows[index].append(rest if slope == 1 else ceiling(rest))
        else:
            highs[index].append(rest if slope == -1 else floor(rest))
    for index in indices:
        _refuse_empty(index, lows[index], highs[index], bounds)
        placed.append(index)
    default = cell.axes[0].upper if cell.axes else Integer(1)
    ranges = [
        Range(i, Max(*lows[i]) if lows[i] else Integer(1), Min(*(highs[i] or [default])))
        for i in indices
    ]
    return (*ends, *_in_order(ranges))


def _about_ends(bound: _Bound) -> Iterator[Range]:
    """A term at a fixed time: refused where it never exists, else the lengths that it needs."""
    gap = bound.gap
    ends = sorted(gap.free_symbols, key=str)
    at_large = gap.subs(dict.fromkeys(ends, Integer(LARGE)))
    if at_large.is_number and at_large < 0:
        if bound.inside:
            return
        raise _vacuous(bound.term)
    if len(ends) == 1 and gap.coeff(ends[0]) == 1 and not bound.inside:
        least = (ends[0] - gap).expand()
        if least > 1:
            yield Range(ends[0], least, oo)


def _refuse_empty(index: Symbol, lows: list[Expr], highs: list[Expr], bounds: list[_Bound]) -> None:
    for low in lows:
        for high in highs:
            gap = (high - low).expand()
            if gap.is_number and gap < 0:
                term = next(b.term for b in bounds if b.gap.has(index))
                raise _vacuous(term)
            free = gap.subs({s: Integer(LARGE) for s in gap.free_symbols})
            if free.is_number and free < 0 and not gap.free_symbols & {index}:
                raise _vacuous(next(b.term for b in bounds if b.gap.has(index)))


def _vacuous(term: MatrixExpr | None) -> Vacuous:
    if term is None:
        return Vacuous(
            "the claim is about no time at all: nothing lies in the range that it states",
            remedy="state a range that holds some time, as in 1 <= t <= T",
        )
    return Vacuous(
        f"the claim is about no time at all: {text(term)} does not exist at the times of the "
        "other terms",
        remedy="shift the time steps so that all terms exist together",
    )


def _in_order(ranges: list[Range]) -> Iterator[Range]:
    """Ranges sorted so that each refers to earlier indices only."""
    waiting, indices = list(ranges), {r.index for r in ranges}
    done: set[Symbol] = set()
    while waiting:
        ready = next(
            (
                r
                for r in waiting
                if ((r.lower.free_symbols | r.upper.free_symbols) & indices) <= done
            ),
            waiting[0],
        )
        waiting.remove(ready)
        done.add(ready.index)
        yield ready


def _entries(sides: tuple[MatrixExpr, ...], letters: Sequence[Symbol]) -> Iterator[Range]:
    """Rows and columns run over their matrix; a number needs a matrix that is large enough."""
    seen: set[Symbol] = set()
    for node in sorted((e for side in sides for e in side.atoms(Entry)), key=str):
        for place, extent in zip((node.row, node.col), node.matrix.shape, strict=True):
            if place in letters and place not in seen:
                seen.add(place)
                yield Range(place, Integer(1), extent)
            elif place.is_Integer and place > 1 and extent.is_Symbol:
                yield Range(extent, place, oo)
            elif place.is_Integer and extent.is_Integer and not 1 <= place <= extent:
                raise Vacuous(
                    f"{text(node)} is no entry of a {node.matrix.shape[0]}×"
                    f"{node.matrix.shape[1]} matrix",
                    remedy="count rows and columns from 1",
                )
