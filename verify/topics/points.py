"""Random points for the formulas of a topic: indices, sizes and free matrices.

What a symbol may be is read off its assumptions: an even positive one is a size, as is one that
stands in the shape of a variable; an integer one is a number or an index within the domain of its
formula, a real one a position between whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.expressions.nodes import Jacobian, Variable
from derivations.expressions.traverse import bound_indices, map_leaves, nodes_in, substitute
from verify.arithmetic.arbitrary import generator
from verify.evaluate import Key
from verify.evaluate.indices import compile_integer

LARGEST_SIZE, LARGEST_INTEGER, LARGEST_REAL = 12, 40, 30
LARGEST_SHAPE = 4
SMALL = 3
"""Every how many points a size may be 1."""
PARTS = 16
"""Real positions are multiples of 1/16: exact in every number system."""

Bindings = dict[Symbol, Any]


def inlined(expr: MatrixExpr, cell: Cell) -> MatrixExpr:
    """``expr`` with every defined variable replaced by its definition, all the way down.

    A ``Jacobian`` stays, as its variables name what is differentiated.
    """
    defined = cell.defined

    def change(leaf: MatrixExpr) -> MatrixExpr:
        if not isinstance(leaf, Variable) or leaf.name not in defined:
            return leaf
        definition = defined[leaf.name]
        mapping = dict(zip(definition.target.steps, leaf.steps, strict=True))
        return inlined(substitute(definition.pieces[0].value, mapping), cell)

    return map_leaves(expr, change)


@dataclass(frozen=True)
class Point:
    """Numbers for everything free in a formula.

    Attributes:
        bindings: value of each index, size and position.
        seed: fixes the free matrices.
    """

    cell: Cell
    bindings: Bindings
    seed: tuple[int, int]

    def free(self, key: Key) -> np.ndarray:
        """A variable that no equation defines, the same in every number system."""
        _, name, *steps = key
        shape = self.cell.templates[str(name)].shape
        rows, cols = (compile_integer(extent)(self.bindings) for extent in shape)
        return generator(*self.seed, "free", name, *steps).standard_normal((rows, cols))

    def describe(self) -> dict[str, str]:
        """The bindings as text."""
        return {str(symbol): str(value) for symbol, value in self.bindings.items()}


def free_symbols(cell: Cell, sides: Sequence[MatrixExpr], domain: Sequence[Range]) -> set[Symbol]:
    """The indices, sizes and positions that a formula needs numbers for."""
    free: set[Symbol] = set()
    for side in sides:
        # Not those under the variables of a Jacobian: the point of differentiation is one, too.
        free |= side.free_symbols - bound_indices(side)
        for node in nodes_in(side, Jacobian):
            inner = inlined(node.numerator, cell)
            free |= inner.free_symbols - bound_indices(inner)
    return free | {s for r in domain for s in (r.lower.free_symbols | r.upper.free_symbols)}


def draw(
    cell: Cell, sides: Sequence[MatrixExpr], domain: Sequence[Range], seed: tuple[int, int]
) -> Point:
    """A random point for a formula whose sides these are."""
    bounded = {r.index: r for r in domain}
    free = free_symbols(cell, sides, domain)
    random = generator(*seed, "point")
    found: Bindings = {}
    # Much is zero at size 1: there, too, but not first.
    least = 1 if seed[1] % SMALL == SMALL - 1 else 2
    for symbol in sorted(free - set(bounded), key=str):
        found[symbol] = _number(symbol, random, least if symbol in cell.sizes else 0)
    for symbol in bounded:
        limits = (bounded[symbol].lower, bounded[symbol].upper)
        low, high = (compile_integer(limit)(found) for limit in limits)
        found[symbol] = int(random.integers(low, high + 1))
    return Point(cell, found, seed)


def _number(symbol: Symbol, random: np.random.Generator, least: int) -> int | Fraction:
    """A number for a symbol; ``least`` is what a size is at the least, 0 for what is no size."""
    if symbol.is_even and symbol.is_positive:
        return 2 * int(random.integers(1, LARGEST_SIZE // 2 + 1))
    if least:
        return int(random.integers(least, LARGEST_SHAPE + 1))
    if symbol.is_integer:
        low = 2 if symbol.is_positive else -LARGEST_INTEGER
        return int(random.integers(low, LARGEST_INTEGER + 1))
    low = 1 if symbol.is_positive else -LARGEST_REAL * PARTS
    return Fraction(int(random.integers(low, LARGEST_REAL * PARTS + 1)), PARTS)
