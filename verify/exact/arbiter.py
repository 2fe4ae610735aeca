"""Floating point as arbiter: whether a difference in the field is one among the reals, too.

The field keeps fewer identities between functions than the reals do (see ``field_functions``), so a
difference there counts only if the reals show it at some point. Extended precision looks first;
what might be rounding there is looked at again in more and more digits, and must be the same
whichever way results are rounded (Kahan's test): 1 + 10⁻⁹⁰⁰ is 1 in however many digits, but not
if it is rounded up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from derivations.cell import Cell, Definition
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.arithmetic.real import RealArithmetic
from verify.exact.compare import Identity, Sides, sides
from verify.exact.kept_worlds import KeptWorlds
from verify.exact.result import Failure
from verify.exact.schedule import Case
from verify.exact.settings import FloatSetting
from verify.exact.world import World

GENERIC = "generic"
REGIMES = (GENERIC, GENERIC, GENERIC, "saturated", "zeros", "exploding")
ROUNDINGS = 4_000.0
"""Rounding errors of extended precision that a small case may collect."""
OBVIOUS = 1e-6
"""A difference, relative and absolute, that is no rounding at a generic point."""
DIGITS = (60, 240, 600)
"""Digits tried in turn; a slope at saturation may use up a hundred."""
OTHERWISE = ((600, "c"), (480, "f"))
"""Digits and roundings, up and down, between which a difference stays and rounding does not."""
REPEATED = 1e-6
"""Relative change of a difference that stays."""
SEEN = 1e-40
"""A relative difference of sixty digits that more of them look at again."""
FADED = 1e-90
"""What rounding shrinks by at least from the first digits to the next."""
POINTS = 3
"""Generic points per case at which two sides are compared in many digits."""


@dataclass(frozen=True)
class _Gap:
    """Both sides at one index.

    Attributes:
        difference: left minus right, entry by entry.
        scale: the largest entry of either side.
        failure: where the difference is largest.
    """

    difference: np.ndarray
    scale: Any
    failure: Failure

    @property
    def largest(self) -> Any:
        """The largest entry of the difference."""
        return np.max(np.abs(self.difference), initial=0)

    @property
    def relative(self) -> float:
        """The same, relative to the scale."""
        return float(self.largest / self.scale) if self.scale else 0.0

    def repeats(self, other: _Gap) -> bool:
        """Whether the other computation gives the same difference."""
        many = MultiprecisionArithmetic(3 * DIGITS[-1])
        one, two = many.asarray(self.difference), many.asarray(other.difference)
        change = np.max(np.abs(one - two), initial=0)
        return self.failure.indices == other.failure.indices and bool(
            change <= REPEATED * np.max(np.abs(one), initial=0)
        )


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

    def world(self, arithmetic: RealArithmetic) -> World:
        """The cell at this point."""
        setting = FloatSetting(self.cell, self.case, self.seed, self.regime, arithmetic)
        return World(self.cell, self.case, setting, self.derived)

    def gaps(self, world: World) -> Iterator[_Gap]:
        """Both sides at each index at which they have values."""
        try:
            for one in sides(world, self.identity):
                found = self._gap(one)
                if found is not None:
                    yield found
        except ZeroDivisionError:
            return  # mpmath has no infinite quotient: there is no value here

    def _gap(self, one: Sides) -> _Gap | None:
        indices, left, right = one
        a, b = np.broadcast_arrays(np.asarray(left), np.asarray(right))
        scale = max(np.max(np.abs(a), initial=0), np.max(np.abs(b), initial=0))
        with np.errstate(invalid="ignore"):  # ∞ − ∞ is no evidence, which is seen below
            difference = a - b
            gaps = np.abs(difference)
        if not (scale < np.inf and np.max(gaps, initial=0) < np.inf):
            return None
        at = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
        failure = Failure(
            dict(self.case.sizes), dict(self.case.ends), indices, float(a[at]), float(b[at])
        )
        return _Gap(difference, scale, failure)

    def remains(self) -> bool:
        """Whether a difference stays with more digits than rounding can use up, rounded anyhow."""
        for digits in DIGITS[:-1]:
            if not any(map(_seen, self._in_digits(digits))):
                return False
        pairs = zip(*(self._in_digits(*one) for one in OTHERWISE), strict=False)
        return any(_seen(one) and one.repeats(other) for one, other in pairs)

    def fades(self) -> bool:
        """Whether what differs is rounding: with more digits it is next to nothing."""
        few, more = (list(self._in_digits(digits)) for digits in DIGITS[:2])
        scale = max((gap.scale for gap in few), default=0)
        return len(few) == len(more) and all(gap.largest <= FADED * scale for gap in more)

    def _in_digits(self, digits: int, rounding: str = "n") -> Iterator[_Gap]:
        return self.gaps(self.world(MultiprecisionArithmetic(digits, self.seed, rounding)))


def _seen(gap: _Gap) -> bool:
    """Whether the sides differ by more than rounding leaves of sixty digits, as a rule."""
    return gap.relative > SEEN


def differs(
    cell: Cell,
    derived: tuple[Definition, ...],
    identity: Identity,
    case: Case,
    seed: int,
    worlds: KeptWorlds,
) -> Failure | None:
    """The first point at which both sides differ by more than rounding.

    Args:
        worlds: those of this cell with these definitions.
    """
    for number, regime in enumerate(REGIMES):
        point = _Point(cell, derived, identity, case, seed + number, regime)
        extended = NumpyArithmetic(np.longdouble, point.seed)
        key = (*case.sizes.values(), *case.ends.values(), case.zeros, number)
        for gap in point.gaps(worlds.get(key, partial(point.world, extended))):
            if gap.relative <= ROUNDINGS * extended.epsilon:
                continue
            obvious = min(gap.relative, float(gap.largest)) > OBVIOUS
            if (regime == GENERIC and obvious) or point.remains():
                return gap.failure
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
            for gap in point.gaps(point.world(arithmetic)):
                if _seen(gap):
                    if point.remains():
                        return gap.failure
                    if not point.fades():
                        break  # digits say nothing here
                agreed += 1
    return agreed
