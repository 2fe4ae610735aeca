"""What each step contributes to a gradient: the terms of the derived sum over time, one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions import MatAdd, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Axis, Cell
from derivations.deriver import deriver_of
from derivations.expressions.nodes import Scale, TimeSum, Variable
from derivations.expressions.traverse import nodes_in, operands, with_operands
from derivations.typing.compile import Compiled
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System
from verify.evaluate.indices import compile_integer
from verify.plots.last_loss import judged_at_the_end


@dataclass
class Contributions:
    """Along one axis: the parameters, and age to Frobenius norm of what such steps add."""

    names: list[str]
    ages: dict[int, float]


def contributions(
    compiled: Compiled,
    names: Iterable[str],
    free: Callable[[Key], Any],
    sizes: Mapping[Symbol, int],
    ends: Mapping[Symbol, int],
    seed: int,
) -> dict[str, Contributions]:
    """For each axis, what steps of each age add to the gradients.

    The loss is that of the last step alone; a step's age is how many steps lie between the two.

    Args:
        names: the parameters, taken together.
        free: value of what no equation defines.
    """
    judged = judged_at_the_end(compiled).cell
    deriver = deriver_of(judged)
    definitions = (*judged.definitions, *deriver.adjoints.values())
    system = System(definitions, NumpyArithmetic(seed=seed), ends, sizes, free)
    found: dict[str, Contributions] = {}
    for name in names:
        total: dict[tuple[Axis, int], np.ndarray] = {}
        for formula in deriver.gradient(name) if name in deriver.adjoints else ():
            for term in _sums(formula.right):
                axis = _axis(judged, term)
                if axis is not None:
                    _add_terms(total, axis, term, system, ends)
        for axis in dict.fromkeys(axis for axis, _ in total):
            found.setdefault(str(axis.index), Contributions([], {})).names.append(name)
        for (axis, step), value in total.items():
            age = ends[axis.upper] - step + _offset(judged, axis, ends)
            ages = found[str(axis.index)].ages
            # Several parameters are one long vector: their norms add as sides of a right angle.
            ages[age] = math.hypot(ages.get(age, 0.0), float(np.linalg.norm(value)))
    return found


def _add_terms(
    total: dict[tuple[Axis, int], np.ndarray],
    axis: Axis,
    term: TimeSum,
    system: System,
    ends: Mapping[Symbol, int],
) -> None:
    low, high = (compile_integer(bound)(dict(ends)) for bound in (term.lower, term.upper))
    for step in range(low, high + 1):
        value = np.asarray(system.evaluate(term.body, {term.index: step}))
        total[axis, step] = total.get((axis, step), 0.0) + value


def _sums(expr: MatrixExpr) -> Iterator[TimeSum]:
    """The sums over time that an expression adds up, factors and transposes taken inside."""
    if isinstance(expr, TimeSum):
        yield expr
    elif isinstance(expr, MatAdd):
        for term in expr.args:
            yield from _sums(term)
    elif isinstance(expr, Scale | Transpose):
        *before, inner = operands(expr)
        for found in _sums(inner):
            yield TimeSum(with_operands(expr, (*before, found.body)), *found.args[1:])


def _axis(cell: Cell, term: TimeSum) -> Axis | None:
    """The axis that a sum runs along."""
    return next((a for a in cell.axes if a.upper in term.upper.free_symbols), None)


def _offset(cell: Cell, axis: Axis, ends: Mapping[Symbol, int]) -> int:
    """Steps of the axis that is judged, for one that ends before it."""
    uses = [v for p in cell.defined[LOSS].pieces for v in nodes_in(p.value, Variable)]
    judged = {s for use in uses for step in use.steps for s in step.free_symbols}
    if axis.upper in judged:
        return 0
    return sum(ends[other.upper] for other in cell.axes if other.upper in judged)
