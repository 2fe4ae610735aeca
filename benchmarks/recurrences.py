"""Gradient formulas right and wrong, at easy and at hard points: the material of ``trust.py``.

A mistake is an edit of the adjoint recurrences that were derived. It counts at a point only if it
changes some gradient there by more than :data:`VISIBLE`, relative, in extended precision: what
makes no difference cannot be seen by anything that looks at values.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache, partial

import numpy as np
from sympy import MatAdd, Rational, Symbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations import catalogue
from derivations.calculus.adjoint import adjoints
from derivations.cell import LOSS, Cell, Definition, Piece
from derivations.expressions.nodes import Apply, Constant, Scale, TimeSum, Variable
from derivations.expressions.traverse import map_leaves, operands, with_operands
from derivations.loading import load
from verify.arithmetic.numpy import NumpyArithmetic
from verify.cases import Case, cases
from verify.evaluate import Key, System, adjoint, variable
from verify.precision import relative_error
from verify.sampling import Sampler, finite_sampler

VISIBLE = 1e-11
"""Relative change of a gradient that float64 can still tell from its own rounding."""

LOSSES = {
    "rnn": "sum(t, 1, T, cross_entropy(p[t], {y}[t]))",
    "rnn-leaky": "squared_error(yhat[T], {y})",
    "lstm": "sum(t, 1, T, squared_error(h[t], {y}[t]))",
    "gru": "sum(t, 1, T, squared_error(h[t], {y}[t]))",
    "rnn-skip": "sum(t, 1, T, squared_error(h[t], {y}[t]))",
    "attention-decoder": "sum(t, 1, T, cross_entropy(p[t], {y}[t]))",
}
"""Catalogue entries and a loss with targets ``y`` for each."""

Change = Callable[[MatrixExpr], MatrixExpr]
Wrongs = Iterator[MatrixExpr]
Recurrences = tuple[Definition, ...]


@dataclass(frozen=True)
class Point:
    """Where a gradient is checked: a length, a regime, and what is done to the cell."""

    name: str
    length: int
    regime: str
    hard: bool = True
    targets: int = 0
    loss: Change | None = None
    arguments: Change | None = None


def _times(number: Fraction) -> Change:
    return lambda value: Scale(Constant(Rational(str(number)), 1, 1), value)


def _plus(number: Fraction) -> Change:
    return lambda value: MatAdd(Constant(Rational(str(number)), *value.shape), value)


POINTS: tuple[Point, ...] = (
    Point("T = 3", 3, "generic", hard=False),
    Point("T = 12", 12, "generic", hard=False),
    Point("at a kink", 4, "zeros"),
    Point("near a kink", 4, "zeros", arguments=_plus(Fraction(1, 10**7))),
    Point("|z| = 50", 2, "saturated"),
    Point("radius 2, T = 50", 50, "exploding"),
    Point("vanishing, T = 50", 50, "vanishing"),
    Point("loss × 1e-8", 3, "generic", loss=_times(Fraction(1, 10**8))),
    Point("loss + 1e6", 3, "generic", loss=_plus(Fraction(10**6))),
    Point("targets × 1e4", 3, "generic", targets=10_000),
)
"""Kinks: every vector is zero, so pre-activations are 0 or 1e-7 at the first step."""


@lru_cache(maxsize=128)
def cell_at(name: str, point: Point) -> Cell:
    """A catalogue cell as the point has it; without targets in the point, with its own loss."""
    lines = [line for line in catalogue.read(name).splitlines() if line]
    if point.targets:
        target = f"{point.targets} * y"
        own = [line for line in lines if not line.startswith(("loss", "title", "source"))]
        loss = LOSSES[name].replace("{y}", target)
        lines = [*own, f"loss = {loss}"]
    cell = load(lines).cell
    if point.loss is not None:
        cell = _rewritten(cell, point.loss, {LOSS})
    if point.arguments is not None:
        moved = point.arguments
        cell = _rewritten(cell, lambda value: _arguments(value, moved), set(cell.defined))
    return cell


def _rewritten(cell: Cell, change: Change, names: Iterable[str]) -> Cell:
    def one(definition: Definition) -> Definition:
        if definition.name not in names:
            return definition
        pieces = tuple(replace(p, value=change(p.value)) for p in definition.pieces)
        return replace(definition, pieces=pieces)

    written, named = (tuple(map(one, d)) for d in (cell.written, cell.definitions))
    return replace(cell, written=written, definitions=named)


def _arguments(expr: MatrixExpr, change: Change) -> MatrixExpr:
    """Every first argument of an elementwise function, changed."""
    parts = tuple(_arguments(part, change) for part in operands(expr))
    if isinstance(expr, Apply):
        parts = (change(parts[0]), *parts[1:])
    return with_operands(expr, parts)


def _scaled(factor: Fraction) -> Callable[[MatrixExpr, Cell], Wrongs]:
    """Like all mistakes, every wrong value that it can make of one right one."""

    def wrong(value: MatrixExpr, cell: Cell) -> Wrongs:
        yield _times(factor)(value)

    return wrong


def _inside(expr: MatrixExpr, wrong: Callable[[MatrixExpr], MatrixExpr | None]) -> Wrongs:
    """``expr`` with one node replaced, for every node that ``wrong`` has an answer for."""
    found = wrong(expr)
    if found is not None:
        yield found
    parts = operands(expr)
    for place, part in enumerate(parts):
        for changed in _inside(part, wrong):
            yield with_operands(expr, (*parts[:place], changed, *parts[place + 1 :]))


def _truncated(value: MatrixExpr, cell: Cell) -> Wrongs:
    """The last two terms of a sum over time."""
    if isinstance(value, TimeSum):
        yield value.func(value.body, value.index, value.upper - 1, value.upper)


def _off_by_one(value: MatrixExpr, cell: Cell) -> Wrongs:
    def earlier(node: MatrixExpr) -> MatrixExpr | None:
        if isinstance(node, Variable) and node.steps:
            return node.at([node.steps[0] - 1, *node.steps[1:]])
        return None

    return _inside(value, earlier)


def _untransposed(value: MatrixExpr, cell: Cell) -> Wrongs:
    def plain(node: MatrixExpr) -> MatrixExpr | None:
        if isinstance(node, Transpose) and isinstance(node.arg, Variable):
            rows, cols = node.arg.shape
            return node.arg if rows == cols != 1 else None
        return None

    return _inside(value, plain)


def _slope_of_output(value: MatrixExpr, cell: Cell) -> Wrongs:
    """φ′(φ(z)) for φ′(z)."""

    def misplaced(node: MatrixExpr) -> MatrixExpr | None:
        if isinstance(node, Apply) and any(node.orders):
            output = Apply(node.function, [0] * len(node.orders), *node.arguments)
            return Apply(node.function, node.orders, output, *node.arguments[1:])
        return None

    return _inside(value, misplaced)


def _swapped(value: MatrixExpr, cell: Cell) -> Wrongs:
    """Two gates exchanged: variables of one shape that are elementwise functions."""
    gates = [d.target for d in cell.definitions if isinstance(d.pieces[0].value, Apply)]
    present = {leaf.name for leaf in value.atoms(Variable)}
    for number, one in enumerate(gates):
        for other in gates[number + 1 :]:
            alike = one.shape == other.shape and len(one.steps) == len(other.steps)
            if alike and {one.name, other.name} & present:
                yield map_leaves(value, partial(_exchange, one=one, other=other))


def _exchange(leaf: MatrixExpr, one: Variable, other: Variable) -> MatrixExpr:
    if isinstance(leaf, Variable) and leaf.name in (one.name, other.name):
        return (other if leaf.name == one.name else one).at(leaf.steps)
    return leaf


MISSING = "missing term"
MISTAKES: dict[str, Callable[[MatrixExpr, Cell], Wrongs]] = {
    "sign flip": _scaled(Fraction(-1)),
    "1e-9 in one term": _scaled(1 + Fraction(1, 10**9)),
    "0.05 % in one term": _scaled(1 + Fraction(5, 10**4)),
    "truncated sum": _truncated,
    "off by one time": _off_by_one,
    "missing transpose": _untransposed,
    "slope at the output": _slope_of_output,
    "swapped gates": _swapped,
    MISSING: lambda value, cell: iter(()),
}


def mistaken(mistake: str, cell: Cell, right: Recurrences) -> list[Recurrences]:
    """All the ways to make this mistake once in these recurrences."""
    found: list[Recurrences] = []
    for number, definition in enumerate(right):
        if definition.name == LOSS:
            continue
        pieces = definition.pieces
        changed: list[tuple[Piece, ...]] = []
        for place, piece in enumerate(pieces):
            before, after = pieces[:place], pieces[place + 1 :]
            if mistake == MISSING and len(pieces) > 1:
                changed.append((*before, *after))
            for wrong in MISTAKES[mistake](piece.value, cell):
                changed.append((*before, replace(piece, value=wrong), *after))
        for c in changed:
            found.append((*right[:number], replace(definition, pieces=c), *right[number + 1 :]))
    return found


@dataclass(frozen=True, eq=False)
class Claim:
    """Adjoint recurrences, right or wrong, of a cell at a point.

    Attributes:
        mistake: its name; empty where the recurrences are right.
    """

    name: str
    point: Point
    cell: Cell
    derived: Recurrences
    case: Case
    sampler: Sampler
    mistake: str = ""

    @cached_property
    def keys(self) -> list[Key]:
        """Parameters, and inputs at their first and last step."""
        ends = {axis.index: self.case.ends[axis.upper] for axis in self.cell.axes}
        found = [variable(leaf.name) for leaf in self.cell.parameters]
        for leaf in self.cell.inputs:
            (index,) = leaf.steps
            found += [variable(leaf.name, step) for step in sorted({1, ends[index]})]
        return found

    def system(
        self, dtype: type[np.floating], free: Callable[[Key], np.ndarray] | None = None
    ) -> System:
        """Forward equations with these recurrences, at the point or at other free values."""
        definitions = (*self.cell.definitions, *self.derived)
        arithmetic = NumpyArithmetic(dtype, self.case.seed)
        at = self.case
        return System(definitions, arithmetic, at.ends, at.sizes, free or self.sampler)

    def gradients(self, system: System) -> list[np.ndarray]:
        """What is claimed for each of :attr:`keys`."""
        return [np.asarray(system.value(adjoint(*key[1:]))) for key in self.keys]  # type: ignore[arg-type]  # (name, *steps)


def claims(name: str, point: Point, draw: random.Random, seed: int = 0) -> Iterator[Claim]:
    """The right recurrences, then each mistake at a place where it is visible, if there is one."""
    cell = cell_at(name, point)
    right = tuple(adjoints(cell).values())
    case = _case(cell, point, seed)
    sampler = finite_sampler(cell, case.sizes, case.ends, case.seed, case.regime)
    if sampler is None:
        return
    truth = Claim(name, point, cell, right, case, sampler)
    yield truth
    values = truth.gradients(truth.system(np.longdouble))
    for mistake in MISTAKES:
        ways = mistaken(mistake, cell, right)
        draw.shuffle(ways)
        for way in ways:
            claim = replace(truth, derived=way, mistake=mistake)
            claimed = claim.gradients(claim.system(np.longdouble))
            if any(relative_error(a, b) > VISIBLE for a, b in zip(claimed, values, strict=True)):
                yield claim
                break


def _case(cell: Cell, point: Point, seed: int) -> Case:
    """Sizes as in the second case of the schedule: pairwise distinct."""
    _, model = cases(cell, 2, seed)
    ends: dict[Symbol, int] = {
        axis.upper: point.length if place == 0 else min(point.length, 3) + place
        for place, axis in enumerate(cell.axes)
    }
    return Case(model.sizes, ends, point.regime, seed)
