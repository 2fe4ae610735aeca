"""Floating point as arbiter: whether a difference in the field is one among the reals, too.

The field keeps fewer identities between functions than the reals do (see ``field_functions``), so a
difference there counts only if the reals show it at some point. Extended precision looks first;
what might be rounding there is looked at again in more and more digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from derivations.cell import Cell, Definition
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.arithmetic.real import RealArithmetic
from verify.exact.compare import Identity, Sides, sides
from verify.exact.result import Failure
from verify.exact.schedule import Case
from verify.exact.settings import FloatSetting
from verify.exact.world import World

GENERIC = "generic"
REGIMES = (GENERIC, GENERIC, GENERIC, "saturated", "zeros", "exploding")
ROUNDINGS = 4_000.0
"""Rounding errors of extended precision that a small case may collect."""
OBVIOUS = 1e-6
"""A relative difference that is no rounding at a generic point."""
DIGITS = (60, 240, 600)
"""Digits tried in turn; a slope at saturation may use up a hundred."""
POINTS = 3
"""Generic points per case at which two sides are compared in many digits."""


class _Point:
    """A cell in one case at one point, in any real arithmetic."""

    def __init__(
        self,
        cell: Cell,
        derived: tuple[Definition, ...],
        identity: Identity,
        case: Case,
        seed: int,
        regime: str = GENERIC,
    ) -> None:
        self.cell, self.derived, self.identity = cell, derived, identity
        self.case, self.seed, self.regime = case, seed, regime

    def gaps(self, arithmetic: RealArithmetic) -> Iterator[tuple[float, Failure]]:
        """The relative difference of both sides at each index, and where it is largest."""
        setting = FloatSetting(self.cell, self.case, self.seed, self.regime, arithmetic)
        world = World(self.cell, self.case, setting, self.derived)
        try:
            for one in sides(world, self.identity):
                found = self._gap(one)
                if found is not None:
                    yield found
        except ZeroDivisionError:
            return  # mpmath has no infinite quotient: there is no value here

    def _gap(self, one: Sides) -> tuple[float, Failure] | None:
        indices, left, right = one
        a, b = np.broadcast_arrays(np.asarray(left), np.asarray(right))
        scale = max(np.max(np.abs(a), initial=0), np.max(np.abs(b), initial=0))
        with np.errstate(invalid="ignore"):  # ∞ − ∞ is no evidence, which is seen below
            gaps = np.abs(a - b)
        largest = np.max(gaps, initial=0)
        if not (scale < np.inf and largest < np.inf):
            return None
        at = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
        failure = Failure(
            dict(self.case.sizes), dict(self.case.ends), indices, float(a[at]), float(b[at])
        )
        return float(largest / scale) if scale else 0.0, failure

    def remains(self) -> bool:
        """Whether a difference is still there with more digits than rounding can use up."""
        return all(
            any(gap > arithmetic.epsilon**0.5 for gap, _ in self.gaps(arithmetic))
            for arithmetic in (MultiprecisionArithmetic(digits, self.seed) for digits in DIGITS)
        )


def differs(
    cell: Cell, derived: tuple[Definition, ...], identity: Identity, case: Case, seed: int
) -> Failure | None:
    """The first point at which both sides differ by more than rounding."""
    for number, regime in enumerate(REGIMES):
        point = _Point(cell, derived, identity, case, seed + number, regime)
        extended = NumpyArithmetic(np.longdouble, point.seed)
        for gap, failure in point.gaps(extended):
            if gap <= ROUNDINGS * extended.epsilon:
                continue
            if (regime == GENERIC and gap > OBVIOUS) or point.remains():
                return failure
            break  # rounding: the other indices of this point are no better
    return None


def differs_in_digits(
    cell: Cell,
    derived: tuple[Definition, ...],
    identity: Identity,
    cases: Iterable[Case],
    seed: int,
) -> Failure | int:
    """Where sixty digits show a difference at a generic point; else how often they show none."""
    agreed = 0
    for case in cases:
        for number in range(POINTS):
            arithmetic = MultiprecisionArithmetic(DIGITS[0], seed + number)
            point = _Point(cell, derived, identity, case, arithmetic.seed)
            for gap, failure in point.gaps(arithmetic):
                if gap > arithmetic.epsilon**0.5:
                    return failure
                agreed += 1
    return agreed
