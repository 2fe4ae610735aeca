"""Formulas of topics in a finite field: equality without a tolerance, derivatives by duals.

A field has no order, no norm and no limit, and knows functions by their values alone; what it
cannot decide is said, never passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.derivation import Formula
from derivations.expressions.nodes import (
    Apply,
    Jacobian,
    LogSoftmax,
    LogSumExp,
    MatrixExponential,
    Power,
    SmallestSingular,
    Softmax,
    SpectralNorm,
)
from derivations.expressions.traverse import nodes_in
from derivations.functions import lookup
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.degree import DRAWN, DegreeArithmetic, lift
from verify.arithmetic.dual import Dual, DualArithmetic
from verify.arithmetic.field import FieldArithmetic
from verify.arithmetic.modular import PRIME
from verify.evaluate import Key, System
from verify.evaluate.indices import compile_integer
from verify.report import Failure, Result
from verify.topics.derivatives import Moving, moving
from verify.topics.points import Point, draw, inlined
from verify.topics.relations import at

EXACT = "exact"
TRIALS = 24
"""Enough that some are left where half of them have no square root, several times over."""
FUNCTIONS = frozenset({"exp", "log", "sqrt", "sigmoid", "tanh"})
"""Functions of the table whose identities hold in the field; an arbitrary one is drawn there."""
WITHOUT = {
    SpectralNorm: "a field has no norm",
    SmallestSingular: "a field has no singular values",
    MatrixExponential: "no series converges in a field",
}
EXPONENTIALS = (Softmax, LogSoftmax, LogSumExp)
Free = Callable[[Key], Any]


def obstacle(formula: Formula, cell: Cell) -> str:
    """Why a formula has no meaning in a field; empty where it has one."""
    if formula.relation != "=":
        return "bounds and limits need an order"
    sides = _sides(formula, cell)
    for kind, why in WITHOUT.items():
        if any(side.has(kind) for side in sides):
            return why
    unknown = sorted(name for name in _functions(sides) - FUNCTIONS if lookup(name) is not None)
    if unknown:
        return f"identities of {', '.join(unknown)} do not hold in a field"
    return ""


def draws(formula: Formula, cell: Cell) -> bool:
    """Whether a function stands in a formula, so that only laws that the field knows hold there."""
    sides = _sides(formula, cell)
    roots = any(not p.exponent.is_integer for side in sides for p in nodes_in(side, Power))
    return roots or bool(_functions(sides)) or any(side.has(*EXPONENTIALS) for side in sides)


def _functions(sides: list[MatrixExpr]) -> set[str]:
    return {node.function for side in sides for node in nodes_in(side, Apply)}


def _sides(formula: Formula, cell: Cell) -> list[MatrixExpr]:
    """Both sides and what stands between; a derivative as what it is taken of."""
    there = at(cell, formula.given)
    written = [inlined(s, there) for s in (formula.left, *formula.via, formula.right)]
    numerators = {node.numerator for side in written for node in nodes_in(side, Jacobian)}
    return [*written, *(inlined(numerator, there) for numerator in numerators)]


def check_exactly(formula: Formula, cell: Cell, subject: str, seed: int, count: int) -> Result:
    """Compare all sides in several trials at each of ``count`` choices of indices and sizes.

    The bound is that of Schwartz and Zippel, from the degrees of the sides.
    """
    begun = time.perf_counter()
    result = Result(subject, "exact", EXACT)
    there = at(cell, formula.given)
    first, *others = (inlined(s, there) for s in (formula.left, *formula.via, formula.right))
    for number in range(count):
        point = draw(there, (first, *others), formula.domain, (seed, number))
        field = FieldArithmetic(seed + number, TRIALS)
        truth = _value(first, field, there, point, _residues(field, there, point))
        for other in others:
            claimed = _value(other, field, there, point, _residues(field, there, point))
            sound = ~(field.kit.spoiled | field.kit.untied)
            if not sound.any():
                continue
            agree = np.all(truth == claimed, axis=(-2, -1)) | ~sound
            if not agree.all():
                return _failed(result, point, truth, claimed)
            result.saw(0.0)
            once = _chance(first, other, there, point, field.kit.pairs)
            result.bound = max(result.bound or 0.0, once ** int(np.sum(sound)))
    result.relative_error = None
    result.seconds = time.perf_counter() - begun
    return result


def _residues(field: FieldArithmetic, cell: Cell, point: Point) -> Free:
    def free(key: Key) -> Array:
        shape = cell.templates[str(key[1])].shape
        rows, cols = (compile_integer(extent)(point.bindings) for extent in shape)
        return field.random(("value", key), rows, cols)

    return free


def _value(expr: MatrixExpr, arithmetic: Arithmetic, cell: Cell, point: Point, free: Free) -> Array:
    def derivative(key: Key) -> Array:
        return _by_duals(moving(cell, key, point), arithmetic, free)

    system = System((), arithmetic, {}, point.bindings, free, jacobian=derivative)
    return system.evaluate(expr)


def _by_duals(moved: Moving, arithmetic: Arithmetic, free: Free) -> Array:
    """One column for each entry of the variable, each from a pass of dual numbers."""
    duals = DualArithmetic(arithmetic)

    def column(unit: np.ndarray) -> Array:
        def value(key: Key) -> Dual:
            tangent = arithmetic.asarray(unit) if key == moved.key else None
            return Dual(free(key), tangent)

        system = System((), duals, {}, dict(moved.env), value)
        found = duals.vec(system.evaluate(moved.expr))
        if found.tangent is None:
            return arithmetic.multiply(arithmetic.number(0), found.value)
        return found.tangent

    return arithmetic.blocks([[column(unit) for unit in moved.directions()]])


def _chance(left: MatrixExpr, right: MatrixExpr, cell: Cell, point: Point, pairs: int) -> float:
    """The probability at most that a wrong formula agrees in one trial."""
    degrees = DegreeArithmetic()
    gap = lift(0)
    for side in (left, right):
        gap = gap + lift(_value(side, degrees, cell, point, lambda key: DRAWN))
    coincidences = 2 * max(degrees.kit.deepest, 1) * pairs
    return min(1.0, (gap.top + coincidences) / max(PRIME - gap.bottom, 1))


def _failed(result: Result, point: Point, truth: Array, claimed: Array) -> Result:
    """The result with the residues of both sides."""
    result.status, result.relative_error = "fail", None
    result.failure = Failure(
        f"seed {point.seed[0]}, point {point.seed[1]}, residues modulo {PRIME}: "
        + ", ".join(f"{name} = {value}" for name, value in point.describe().items()),
        {str(s): v for s, v in point.bindings.items() if isinstance(v, int)},
        np.asarray(claimed, dtype=float).tolist(),
        np.asarray(truth, dtype=float).tolist(),
        1.0,
    )
    return result
