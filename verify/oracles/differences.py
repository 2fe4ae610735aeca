"""Finite differences of the forward equations: complex step, else high-order central differences.

The complex step Im f(x + ih)/h has no cancellation, so h may be far below rounding (Squire and
Trapp 1998). It needs functions that continue analytically off the real line; where one does not,
or complex exp overflows, central differences of order 8 in the widest floating point take over.
"""

from __future__ import annotations

import numpy as np

from verify.arithmetic.numpy import NumpyArithmetic
from verify.oracles import rounding_bound
from verify.oracles.complex_safe import is_complex_safe
from verify.oracles.perturb import Columns, Evaluate, PerturbingOracle, Shifts, batched
from verify.precision import frobenius
from verify.problem import ForwardProblem

COMPLEX_STEP = 1e-60
"""Its square is far below rounding; its product with a slope of 1e-200 is still a number."""

STENCILS = {
    6: {1: (3, 4), 2: (-3, 20), 3: (1, 60)},
    8: {1: (4, 5), 2: (-1, 5), 3: (4, 105), 4: (-1, 280)},
}
"""Order → offset → weight, as a fraction, of the antisymmetric differences (Fornberg 1988)."""


class Differences(PerturbingOracle):
    """The oracle of this file."""

    name = "differences"

    def differentiate(self, evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> Columns:
        if is_complex_safe(problem.definitions):
            found = _complex_step(evaluate, basis, problem)
            if np.isfinite(found[0]).all():
                return found
        return _central(evaluate, basis, problem)


def _complex_step(evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> Columns:
    arithmetic = NumpyArithmetic(np.complex128, problem.seed)
    shifts = {key: 1j * COMPLEX_STEP * units for key, units in basis.items()}
    values = batched(evaluate(arithmetic, shifts), basis)
    columns = values.imag[..., 0].T / COMPLEX_STEP
    errors = [rounding_bound(column, arithmetic.epsilon, problem) for column in columns.T]
    return columns, np.array(errors)


def _central(evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> Columns:
    arithmetic = NumpyArithmetic(np.longdouble, problem.seed)
    # Balances the truncation error h⁸ against the rounding error ε/h.
    step = np.longdouble(arithmetic.epsilon) ** (np.longdouble(1) / 9)
    sums = {order: np.longdouble(0) for order in STENCILS}
    scale = 0.0
    for offset in range(1, 5):
        up, down = (
            batched(
                evaluate(arithmetic, {k: sign * offset * step * u for k, u in basis.items()}),
                basis,
            )
            for sign in (1, -1)
        )
        scale = max(scale, float(np.max(np.abs(up), initial=0.0)))
        for order, stencil in STENCILS.items():
            above, below = stencil.get(offset, (0, 1))
            sums[order] = sums[order] + np.longdouble(above) / below * (up - down)
    finer, coarser = (np.asarray(sums[order] / step)[..., 0].T for order in (8, 6))
    rounding = rounding_bound(np.array(scale), arithmetic.epsilon, problem) / float(step)
    # The order-6 result differs by its own truncation error, which exceeds that of order 8.
    errors = np.array([frobenius(gap) for gap in (finer - coarser).T]) + rounding
    return finer.astype(float), errors
