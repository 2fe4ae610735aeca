"""Central differences with many digits: the arbiter where floating point disagrees.

With three times the digits that are wanted, half for the step, a plain second-order difference
leaves neither truncation nor cancellation: a slope of 1e-50 beside values of 1 is still exact.
Slow, hence asked only about what the other oracles dispute.
"""

from __future__ import annotations

import numpy as np

from verify.arithmetic.multiprecision import DIGITS, MultiprecisionArithmetic
from verify.oracles.perturb import Columns, Evaluate, PerturbingOracle, Shifts, batched
from verify.precision import frobenius
from verify.problem import ForwardProblem


class Digits(PerturbingOracle):
    """The oracle of this file; its values are object arrays of mpmath numbers.

    Args:
        digits: correct digits wanted.
    """

    name = "digits"

    def __init__(self, digits: int = DIGITS) -> None:
        self._digits = digits

    def differentiate(
        self, evaluate: Evaluate, basis: Shifts, problem: ForwardProblem
    ) -> list[Columns]:
        arithmetic = MultiprecisionArithmetic(3 * self._digits, problem.seed)
        step = arithmetic.power(arithmetic.number(10), -self._digits)
        ups, downs = (
            evaluate(
                arithmetic,
                {key: arithmetic.asarray(unit) * (sign * step) for key, unit in basis.items()},
            )
            for sign in (1, -1)
        )
        return [
            self._column((batched(up, basis) - batched(down, basis)) / (2 * step))
            for up, down in zip(ups, downs, strict=True)
        ]

    def _column(self, slopes: np.ndarray) -> Columns:
        columns = slopes[..., 0].T
        return columns, np.array([10.0**-self._digits * frobenius(c) for c in columns.T])
