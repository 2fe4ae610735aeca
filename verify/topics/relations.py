"""Bounds and limits of topics, in many digits: which side is larger, and what a side tends to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Integer, Rational, Symbol, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition
from derivations.derivation import Approach, Relation
from derivations.expressions.nodes import Constant, Variable
from derivations.expressions.traverse import BINDERS, map_leaves, operands
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.topics.points import Point

DIGITS = 120
ROUNDING = 1e-60
"""A relative difference of numbers with that many digits that is still rounding."""
NOTHING = 1e-100
"""What is left of numbers of ordinary size where they cancel."""
POWERS = (6, 12, 18, 24)
"""A limit is approached at these powers of ten; a second-order term keeps half of the digits."""
NEAR = 1e-11
"""How close to its limit a value must be there; what converges like a square root is."""


def many_digits() -> MultiprecisionArithmetic:
    """The number system in which sides are compared."""
    return MultiprecisionArithmetic(DIGITS)


def ordered(left: Any, right: Any, relation: Relation) -> bool:
    """Whether ``left relation right`` for every entry; a difference within rounding is none."""
    if relation in (">=", ">"):
        left, right = right, left
    gap = np.asarray(right - left, dtype=object)
    room = np.maximum(ROUNDING * np.maximum(abs(left), abs(right)), NOTHING)
    holds = gap > room if relation in ("<", ">") else gap >= -room
    return bool(np.all(holds))


@dataclass(frozen=True)
class Station:
    """One place on the way to a limit: the expression and the point to evaluate it at."""

    expr: MatrixExpr
    point: Point


def stations(expr: MatrixExpr, point: Point, approach: Approach) -> Iterator[Station]:
    """Places ever closer to the limit, exact in every number system.

    Raises:
        ValueError: a sum or product would run over that many terms; it needs a closed form.
    """
    if any(approach.variable in node.upper.free_symbols for node in binders_of(expr)):
        raise ValueError(f"no closed form to follow as {approach.variable} grows: {expr}")
    for power in POWERS:
        size = Integer(10) ** power
        value = size if approach.point is oo else Rational(1, size)
        moving = approach.variable
        if isinstance(moving, Symbol):
            yield Station(expr, replace(point, bindings={**point.bindings, moving: int(value)}))
        else:
            yield Station(map_leaves(expr, _put(moving, Constant(value, 1, 1))), point)


def binders_of(expr: MatrixExpr) -> Iterator[MatrixExpr]:
    """The sums and products over an index inside an expression."""
    if isinstance(expr, BINDERS):
        yield expr
    for part in operands(expr):
        yield from binders_of(part)


def _put(variable: Variable, value: MatrixExpr) -> Callable[[MatrixExpr], MatrixExpr]:
    return lambda leaf: value if leaf == variable else leaf


def reaches(errors: list[float]) -> bool:
    """Whether errors on the way to a limit shrink to nothing."""
    shrinking = all(b <= max(a, ROUNDING**0.5) for a, b in pairwise(errors))
    return shrinking and errors[-1] <= NEAR


def distance(value: Any, limit: Any) -> float:
    """The largest difference of entries, relative to a limit that is larger than one."""
    difference = abs(np.asarray(value - limit, dtype=object))
    return float(np.max(difference / np.maximum(1, abs(limit))))


def at(cell: Cell, values: tuple[Definition, ...]) -> Cell:
    """The cell with some variables given."""
    named = {definition.name for definition in values}
    kept = tuple(d for d in cell.definitions if d.name not in named)
    return replace(cell, definitions=(*kept, *values))
