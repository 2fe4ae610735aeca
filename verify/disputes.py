"""Where a formula and an oracle disagree: rounding, a kink, or a mistake.

Rounding shrinks with the precision, a mistake does not; a kink is one point, a mistake is also
beside it. What is disputed at one point is settled together, because most of it is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.arithmetic.base import Arithmetic
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.oracles import Oracle
from verify.oracles.digits import Digits
from verify.points import Instance, Point
from verify.precision import at_kinks, relative_error, shrinkage, size

DIGITS = (60, 240, 600)
"""Digits tried in turn; the sine of 1e200 uses up two hundred, and no double exceeds 1e308."""
CONVERGED = 1e-20
"""Relative change of a value from one number of digits to the next that is none."""
LEAST = float(np.finfo(float).smallest_subnormal)
"""The least double that is not zero."""


@dataclass(frozen=True)
class Measured:
    """Both sides of an instance in many digits, and whether their discrepancy is rounding."""

    claimed: np.ndarray
    truth: np.ndarray
    vanishes: bool

    def repeats(self, before: Measured | None) -> bool:
        """Whether neither side is any different with more digits: then it stays a mistake."""
        if before is None:
            return False
        sides = ((self.claimed, before.claimed), (self.truth, before.truth))
        return all(relative_error(now, then) <= CONVERGED for now, then in sides)

    @property
    def nothing(self) -> bool:
        """Whether both sides are below every double: what there was of them was rounding."""
        return bool(max(size(self.claimed), size(self.truth)) < LEAST)


def rounding(point: Point, disputed: Sequence[Instance]) -> list[Instance]:
    """Those whose discrepancy from a truth of many digits shrinks as digits are added.

    What has no value yet is measured again: a step that is small beside one entry may be large
    beside another, and no difference tells a slope, until there are digits for a smaller step.
    """
    found: list[Instance] = []
    left = list(disputed)
    before: dict[Instance, Measured] = {}
    for digits in DIGITS:
        now = _measured(point, left, digits) if left else {}
        settled = []
        for instance, measured in now.items():
            if measured.vanishes or measured.nothing:
                found.append(instance)
            elif not measured.repeats(before.get(instance)):
                continue
            settled.append(instance)
        left = [instance for instance in left if instance not in settled]
        before = now
    return found


def _measured(point: Point, disputed: Sequence[Instance], digits: int) -> dict[Instance, Measured]:
    """Those of the disputed whose two sides have a value in this many digits."""
    seed = point.case.seed
    ladder = (
        NumpyArithmetic(np.float64, seed),
        NumpyArithmetic(np.longdouble, seed),
        MultiprecisionArithmetic(digits, seed),
    )
    systems = {arithmetic.name: point.system(arithmetic) for arithmetic in ladder}

    def measure(instance: Instance, truth: np.ndarray) -> Measured:
        values = {
            name: system.evaluate(instance.right, instance.at) for name, system in systems.items()
        }
        # One scale for the whole ladder: where the truth is zero, a rounding error shrinks too.
        whole = size(truth)
        coarse = size(values[ladder[0].name])
        scale = max(coarse, whole) if np.isfinite(coarse) else whole

        def discrepancy(arithmetic: Arithmetic) -> float:
            claimed = values[arithmetic.name]
            own = max(size(claimed), whole)
            return float(relative_error(claimed, truth) * own / scale) if scale else 0.0

        found = shrinkage(discrepancy, seed, ladder)
        return Measured(values[ladder[-1].name], truth, found.vanishes)

    measured = {}
    for instance, truth in zip(disputed, point.truths(disputed, Digits(digits)), strict=True):
        try:
            if np.isfinite(size(truth.value)):
                measured[instance] = measure(instance, truth.value)
        except ZeroDivisionError:
            continue  # mpmath has no infinite quotient: the right side has no value here
    return measured


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
    system = point.problem.computed
    given = [i for i in disputed if i not in found and system.defines(point.below(i))]
    return found + at_kinks(given, past_equations)


def agreeing(point: Point, instances: Sequence[Instance], judge: Oracle) -> list[Instance]:
    """Those where formula and oracle agree, up to rounding."""
    truths = point.truths(instances, judge)
    pairs = zip(instances, truths, strict=True)
    found = [i for i, truth in pairs if point.claimed(i).agrees_with(truth)]
    return found + rounding(point, [i for i in instances if i not in found])
