"""Points at which a claim about a topic fails: small ones first, so that a reader can follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.errors import GradproofError
from derivations.render.style import Style
from verify.arithmetic.base import Array
from verify.claims.counterexample import VISIBLE, as_plain
from verify.claims.grade import Counterexample
from verify.evaluate import Key, System
from verify.evaluate.indices import compile_index
from verify.precision import relative_error
from verify.topics.derivatives import by_differences, moving
from verify.topics.points import Point, draw, inlined
from verify.topics.reading import TopicClaim
from verify.topics.relations import at, many_digits, ordered
from verify.topics.small import NotedPoint, noted, small_points

RANDOM = 60
"""Random points that are tried after the small ones."""
TRIES = 5
"""Draws for each of them, among which one within the stated range is looked for."""
Sides = tuple[MatrixExpr, ...]


@dataclass(frozen=True)
class Search:
    """What a search for a counterexample came to."""

    found: Counterexample | None
    evaluations: int


def search(cell: Cell, claim: TopicClaim, seed: int) -> Search:
    """The first point at which a claim fails, visibly if it is an equation."""
    formula = claim.formula

    def fails(left: Array, right: Array) -> bool:
        if formula.relation == "=":
            return bool(VISIBLE <= relative_error(left, right) < np.inf)
        return not ordered(left, right, formula.relation)

    return _search(at(cell, formula.given), claim, fails, seed)


def _search(
    cell: Cell, claim: TopicClaim, fails: Callable[[Array, Array], bool], seed: int
) -> Search:
    formula = claim.formula
    sides = tuple(inlined(side, cell) for side in (formula.left, formula.right))
    tried = 0
    for point in _points(cell, sides, claim, seed):
        try:
            left, right = _values(sides, cell, point)
        except (GradproofError, ArithmeticError, ValueError, LookupError):
            continue  # no value at this point; another one may have one
        tried += 1
        if fails(left, right):
            return Search(_presented(cell, point, left, right), tried)
    return Search(None, tried)


def _points(cell: Cell, sides: Sides, claim: TopicClaim, seed: int) -> Iterator[NotedPoint]:
    for point in (
        *small_points(cell, sides, claim.formula.domain, claim.gaps),
        *inside(cell, sides, claim, seed, RANDOM),
    ):
        yield noted(point)


def inside(cell: Cell, sides: Sides, claim: TopicClaim, seed: int, wanted: int) -> Iterator[Point]:
    """Random points within the range that a claim states, at most as many as wanted."""
    found = 0
    for number in range(wanted * TRIES):
        if found == wanted:
            return
        try:
            point = draw(cell, sides, claim.formula.domain, (seed, number))
        except ValueError:
            continue  # a range without an index
        if all(compile_index(gap)(point.bindings) >= 0 for gap in claim.gaps):
            found += 1
            yield point


def _values(sides: Sides, cell: Cell, point: Point) -> list[Array]:
    """Both sides in many digits."""
    arithmetic = many_digits()

    def derivative(key: Key) -> Array:
        return by_differences(moving(cell, key, point), arithmetic)

    system = System((), arithmetic, {}, point.bindings, point.free, jacobian=derivative)
    return [system.evaluate(side) for side in sides]


def _presented(cell: Cell, point: NotedPoint, left: Array, right: Array) -> Counterexample:
    """A point with its values under the names that a reader knows."""
    style = Style(displays=cell.displays)
    sizes = {size.name for size in cell.sizes}
    values: dict[str, Any] = {}
    for symbol, value in point.bindings.items():
        if symbol.name not in sizes:
            values[symbol.name] = _shown(value)
    for (_, name, *steps), value in point.met.items():
        label = style.display(str(name))
        values[f"{label}[{', '.join(map(str, steps))}]" if steps else label] = _shown(value)
    true, claimed = _shown(left), _shown(right)
    return Counterexample(
        {s.name: int(v) for s, v in point.bindings.items() if s.name in sizes},
        None, values, claimed, true, float(f"{relative_error(left, right):.6g}"),
    )  # fmt: skip


def _shown(value: Any) -> Any:
    return as_plain(np.atleast_2d(np.asarray(value, dtype=float)))
