"""Finite differences of the forward equations: complex step, else high-order central differences.

The complex step Im f(x + ih)/h has no cancellation, so h may be far below rounding (Squire and
Trapp 1998). It needs functions that continue analytically off the real line; where one does not,
or complex exp overflows, central differences of order 8 in the widest floating point take over,
and differences in many digits where those lose too many.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from verify.arithmetic.numpy import NumpyArithmetic
from verify.oracles import rounding_bound
from verify.oracles.complex_safe import is_complex_safe
from verify.oracles.digits import Digits
from verify.oracles.perturb import Columns, Evaluate, PerturbingOracle, Shifts, batched
from verify.precision import frobenius
from verify.problem import ForwardProblem

COMPLEX_STEP = 1e-60
"""Its square is far below rounding; its product with a slope of 1e-200 is still a number."""
LEAST_STEP = 1e-290
"""Below it a step loses digits, or is zero."""
TOLD = 1e-6
"""Largest relative error of a difference that is not asked for in another way."""

STENCILS = {
    6: {1: (3, 4), 2: (-3, 20), 3: (1, 60)},
    8: {1: (4, 5), 2: (-1, 5), 3: (4, 105), 4: (-1, 280)},
}
"""Order → offset → weight, as a fraction, of the antisymmetric differences (Fornberg 1988)."""


class Differences(PerturbingOracle):
    """The oracle of this file."""

    name = "differences"

    def differentiate(
        self, evaluate: Evaluate, basis: Shifts, problem: ForwardProblem
    ) -> list[Columns]:
        """Each way in turn for the columns that the one before it could not tell."""
        ways: list[Callable[[Evaluate, Shifts, ForwardProblem], list[Columns]]] = [
            _central,
            Digits().differentiate,
        ]
        if is_complex_safe(problem.definitions):
            ways.insert(0, _complex_step)
        found = ways[0](evaluate, basis, problem)
        for way in ways[1:]:
            if not all(_is_told(*columns).all() for columns in found):
                others = way(evaluate, basis, problem)
                found = [_completed(*pair) for pair in zip(found, others, strict=True)]
        return found


def _is_told(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Which columns are known well enough that agreement with them means something."""
    sizes = np.array([frobenius(column) for column in values.T])
    return np.isfinite(sizes) & (errors <= TOLD * sizes)


def _completed(columns: Columns, others: Columns) -> Columns:
    """Columns, and others in the place of those that are not told."""
    told = _is_told(*columns)
    values, errors = (
        np.where(told, own, other.astype(float)) for own, other in zip(columns, others, strict=True)
    )
    return values, errors


def _complex_step(evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> list[Columns]:
    arithmetic = NumpyArithmetic(np.complex128, problem.seed)
    reached = np.max([np.max(units, axis=(-2, -1)) for units in basis.values()], axis=0)
    lost = COMPLEX_STEP * reached < LEAST_STEP
    shifts = {key: 1j * COMPLEX_STEP * units for key, units in basis.items()}
    found = []
    for output in evaluate(arithmetic, shifts):
        columns = batched(output, basis).imag[..., 0].T / COMPLEX_STEP
        columns[:, lost] = np.nan
        errors = [rounding_bound(column, arithmetic.epsilon, problem) for column in columns.T]
        found.append((columns, np.array(errors)))
    return found


def _central(evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> list[Columns]:
    arithmetic = NumpyArithmetic(np.longdouble, problem.seed)
    # Balances the truncation error h⁸ against the rounding error ε/h.
    step = np.longdouble(arithmetic.epsilon) ** (np.longdouble(1) / 9)
    moved = {
        offset: evaluate(arithmetic, {key: offset * step * u for key, u in basis.items()})
        for offset in (-4, -3, -2, -1, 1, 2, 3, 4)
    }
    found = []
    for number in range(len(moved[1])):
        values = {offset: batched(outputs[number], basis) for offset, outputs in moved.items()}
        sums = {
            order: sum(
                np.longdouble(above) / below * (values[offset] - values[-offset])
                for offset, (above, below) in stencil.items()
            )
            for order, stencil in STENCILS.items()
        }
        finer, coarser = (np.asarray(sums[order] / step)[..., 0].T for order in (8, 6))
        largest = np.max([np.abs(value).max(axis=(-2, -1)) for value in values.values()], axis=0)
        roundings = [rounding_bound(size, arithmetic.epsilon, problem) for size in largest]
        # The order-6 result differs by its own truncation error, which exceeds that of order 8.
        gaps = np.array([frobenius(gap) for gap in (finer - coarser).T])
        found.append((finer.astype(float), gaps + np.array(roundings) / float(step)))
    return found
