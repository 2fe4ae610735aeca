"""Small points for the formulas of a topic: numbers that a reader can follow, the least first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.expressions.traverse import BINDERS, nodes_in
from verify.arithmetic.arbitrary import generator
from verify.claims.plain import PLAIN
from verify.evaluate import Key
from verify.evaluate.indices import compile_index, compile_integer
from verify.topics.points import Bindings, Point, free_symbols
from verify.topics.turns import angles, full_turns

MOST = 40
"""Choices of indices and sizes that are tried."""
LONGEST = 4
"""Values of one index that are tried."""
FAR = 10**6
"""An index at which what grows without bound is large."""
DRAWS = 6
"""Draws of the free values at each of them."""


@dataclass(frozen=True)
class SmallPoint(Point):
    """A point at which free values are small whole numbers and halves."""

    def free(self, key: Key) -> np.ndarray:
        """A variable that no equation defines."""
        _, name, *steps = key
        shape = self.cell.templates[str(name)].shape
        rows, cols = (compile_integer(extent)(self.bindings) for extent in shape)
        count = min(2 + self.seed[1], len(PLAIN))
        source = generator(*self.seed, "small", name, *steps)
        return np.asarray(PLAIN)[source.integers(count, size=(rows, cols))]


@dataclass(frozen=True)
class NotedPoint(Point):
    """Another point, with the free values that were asked for."""

    other: Point
    met: dict[Key, np.ndarray]

    def free(self, key: Key) -> np.ndarray:
        """A variable that no equation defines."""
        self.met[key] = self.other.free(key)
        return self.met[key]


def noted(point: Point) -> NotedPoint:
    """A point that notes the free values that are asked for."""
    return NotedPoint(point.cell, point.bindings, point.seed, point, {})


def small_points(
    cell: Cell, sides: Sequence[MatrixExpr], domain: Sequence[Range], gaps: Sequence[Expr]
) -> Iterator[SmallPoint]:
    """Points for a formula whose sides these are, where no gap is negative."""
    bounded = {r.index: r for r in domain}
    free = free_symbols(cell, sides, domain) - bounded.keys()
    order = [*sorted(free, key=str), *bounded]
    counts = {s for side in sides for b in nodes_in(side, *BINDERS) for s in b.upper.free_symbols}
    choice = _Choice(cell, bounded, angles(sides), frozenset(counts))
    chosen = list(islice(choice.all(order, {}), 20 * MOST))
    inside = [found for found in chosen if not any(_below(gap, found) for gap in gaps)]
    inside.sort(key=lambda found: float(sum(abs(value) for value in found.values())))
    for draw in range(DRAWS):
        for bindings in inside[:MOST]:
            yield SmallPoint(cell, bindings, (0, draw))


def _below(gap: Expr, bindings: Bindings) -> bool:
    return bool(compile_index(gap)(bindings) < 0)


@dataclass(frozen=True)
class _Choice:
    """Values of indices and sizes, one after the other."""

    cell: Cell
    bounded: dict[Symbol, Range]
    angles: Sequence[Expr]
    counts: frozenset[Symbol]

    def all(self, order: Sequence[Symbol], found: Bindings) -> Iterator[Bindings]:
        if not order:
            yield dict(found)
            return
        symbol, *rest = order
        for value in self._values(symbol, found):
            yield from self.all(rest, {**found, symbol: value})

    def _values(self, symbol: Symbol, found: Bindings) -> Sequence[int | Fraction | Expr]:
        if symbol in self.bounded:
            limits = (self.bounded[symbol].lower, self.bounded[symbol].upper)
            low, high = (compile_integer(limit)(found) for limit in limits)
            return range(low, min(high, low + LONGEST - 1) + 1)
        if symbol.is_even and symbol.is_positive:
            return 2, 4
        if symbol in self.cell.sizes or symbol.is_positive:
            return 1, 2, 3
        # As many terms of a sum would take long.
        far = () if symbol in self.counts else (FAR,)
        if symbol.is_integer:
            return 1, 2, 0, -1, *far
        return 1, 2, 0, Fraction(1, 2), *full_turns(self.angles, symbol, found), *far
