"""Where a formula and an oracle disagree: rounding, a kink, or a mistake.

Rounding shrinks with the precision, a mistake does not; a kink is one point, a mistake is also
beside it. What is disputed at one point is settled together, because most of it is shared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.arithmetic.base import Arithmetic
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.oracles import Estimate, Oracle
from verify.oracles.digits import Digits
from verify.points import Instance, Point
from verify.precision import at_kinks, frobenius, relative_error, shrinkage

DIGITS = (60, 240)
"""Digits tried in turn; a slope of 1e-100 beside values of 1 uses up more than sixty."""


def rounding(point: Point, disputed: Sequence[Instance]) -> list[Instance]:
    """Those whose discrepancy from a truth of many digits shrinks as digits are added."""
    found: list[Instance] = []
    left = list(disputed)
    for digits in DIGITS:
        if left:
            vanishing = _vanishing(point, left, digits)
            found += vanishing
            left = [instance for instance in left if instance not in vanishing]
    return found


def _vanishing(point: Point, disputed: Sequence[Instance], digits: int) -> list[Instance]:
    seed = point.case.seed
    ladder = (
        NumpyArithmetic(np.float64, seed),
        NumpyArithmetic(np.longdouble, seed),
        MultiprecisionArithmetic(digits, seed),
    )
    systems = {arithmetic.name: point.system(arithmetic) for arithmetic in ladder}
    coarse = systems[ladder[0].name]

    def vanishes(instance: Instance, truth: Estimate) -> bool:
        # One scale for the whole ladder: where the truth is zero, a rounding error shrinks too.
        first = frobenius(coarse.evaluate(instance.right, instance.at))
        scale = max(first if np.isfinite(first) else 0.0, frobenius(truth.value))

        def discrepancy(arithmetic: Arithmetic) -> float:
            claimed = systems[arithmetic.name].evaluate(instance.right, instance.at)
            own = max(frobenius(claimed), frobenius(truth.value))
            return relative_error(claimed, truth.value) * own / scale if scale else 0.0

        return shrinkage(discrepancy, seed, ladder).vanishes

    truths = point.truths(disputed, Digits(digits))
    return [
        instance
        for instance, truth in zip(disputed, truths, strict=True)
        if np.isfinite(frobenius(truth.value)) and vanishes(instance, truth)
    ]


def kinks(point: Point, disputed: Sequence[Instance], judge: Oracle) -> list[Instance]:
    """Those that agree at every neighbour.

    First all free values are moved, then only what the derivative is by: what an equation gives
    may stay at a kink however free values move.
    """

    def near(number: int, left: Sequence[Instance]) -> list[Instance]:
        return agreeing(point.beside(number), left, judge)

    def past_equations(number: int, left: Sequence[Instance]) -> list[Instance]:
        beside = point.beside(number)
        keys = dict.fromkeys(point.below(instance) for instance in left)
        return [
            instance
            for key in keys
            for instance in agreeing(
                beside.moving(key, number), [i for i in left if point.below(i) == key], judge
            )
        ]

    found = at_kinks(disputed, near)
    return found + at_kinks([i for i in disputed if i not in found], past_equations)


def agreeing(point: Point, instances: Sequence[Instance], judge: Oracle) -> list[Instance]:
    """Those where formula and oracle agree, up to rounding."""
    truths = point.truths(instances, judge)
    pairs = zip(instances, truths, strict=True)
    found = [i for i, truth in pairs if point.claimed(i).agrees_with(truth)]
    return found + rounding(point, [i for i in instances if i not in found])
