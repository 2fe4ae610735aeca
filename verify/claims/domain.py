"""At which times a claim is made: those at which all its terms exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Expr, Integer, Max, Min, Symbol, ceiling, floor, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.errors import InputError
from derivations.expressions.nodes import Entry, Jacobian
from derivations.expressions.traverse import nodes_in
from derivations.render.text import text
from verify.cases import in_order
from verify.claims.bounds import Bound, bounds_of

LARGE = 10**6
"""Stands for an end of time where it is asked whether something can hold at all."""


class Vacuous(InputError):
    """A claim about times that do not exist."""


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
    own = [Bound(gap.expand(), None, False) for gap in gaps]
    stated = frozenset(symbol for bound in own for symbol in bound.gap.free_symbols)
    found = [bound for side in sides for bound in bounds_of(cell, side, stated)] + own
    # The first term that needs something is named.
    bounds = list({(bound.gap, bound.inside): bound for bound in reversed(found)}.values())[::-1]
    try:
        ranges = _solve(cell, bounds, tuple(indices))
    except Vacuous:
        # About the other order of times, at which these derivatives are zero.
        there = [bound for bound in bounds if not bound.order]
        if len(there) == len(bounds):
            raise
        ranges = _solve(cell, there, tuple(indices))
    return (*ranges, *_entries(sides, entries))


def _solve(cell: Cell, bounds: list[Bound], indices: tuple[Symbol, ...]) -> tuple[Range, ...]:
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
        _refuse_empty(index, indices, lows[index], highs[index], bounds)
        placed.append(index)
    default = cell.axes[0].upper if cell.axes else Integer(1)
    ranges = [
        Range(i, Max(*lows[i]) if lows[i] else Integer(1), Min(*(highs[i] or [default])))
        for i in indices
    ]
    return (*ends, *in_order(ranges))


def _about_ends(bound: Bound) -> Iterator[Range]:
    """A term at a fixed time: refused where it never exists, else the lengths that it needs."""
    gap = bound.gap
    ends = sorted(gap.free_symbols, key=str)
    at_large = gap.xreplace(dict.fromkeys(ends, Integer(LARGE)))
    most = bound.term is None and len(ends) == 1 and gap.coeff(ends[0]) == -1
    if at_large.is_number and at_large < 0 and not most:
        if bound.inside:
            return
        raise _vacuous(bound.term)
    if len(ends) == 1 and gap.coeff(ends[0]) == 1:
        least = (ends[0] - gap).expand()
        if least > 1:
            yield Range(ends[0], least, oo)
    if most:
        last = (ends[0] + gap).expand()
        if last.is_number and last < 1:
            raise _vacuous(None)
        yield Range(ends[0], Integer(1), last)


def _refuse_empty(
    index: Symbol,
    indices: tuple[Symbol, ...],
    lows: list[Expr],
    highs: list[Expr],
    bounds: list[Bound],
) -> None:
    for low in lows:
        for high in highs:
            gap = (high - low).expand()
            if gap.is_number and gap < 0:
                term = next(b.term for b in bounds if b.gap.has(index))
                raise _vacuous(term)
            if index in gap.free_symbols:
                continue
            if all(_at(gap, indices, value) < 0 for value in (1, LARGE)):
                raise _vacuous(next(b.term for b in bounds if b.gap.has(index)))


def _at(gap: Expr, indices: tuple[Symbol, ...], value: int) -> Expr:
    """A gap where the ends of time are far away and other indices are ``value``."""
    free = {s: Integer(value if s in indices else LARGE) for s in gap.free_symbols}
    found = gap.xreplace(free)
    return found if found.is_number else Integer(0)


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


def _places(node: Entry) -> Iterator[tuple[Expr, Expr]]:
    """Row and column with their extents; of a Jacobian, those of what it is of and by."""
    parts = (None, None)
    if isinstance(node.matrix, Jacobian):
        parts = (node.matrix.numerator, node.matrix.denominator)
    for place, extent, part in zip((node.row, node.col), node.matrix.shape, parts, strict=True):
        rows, cols = (extent, Integer(1)) if part is None else part.shape
        letters = place.free_symbols - rows.free_symbols
        if part is None or place.is_Symbol or not letters:
            yield place, extent
            continue
        for letter in letters:  # row + rows * (col - 1)
            yield letter, cols if place.expand().coeff(letter) == rows else rows


def _entries(sides: tuple[MatrixExpr, ...], letters: Sequence[Symbol]) -> Iterator[Range]:
    """Rows and columns run over their matrix; a number needs a matrix that is large enough."""
    seen: set[Symbol] = set()
    for node in sorted((e for side in sides for e in nodes_in(side, Entry)), key=str):
        for place, extent in _places(node):
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
