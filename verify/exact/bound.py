"""How likely a wrong identity passes: the Schwartz–Zippel lemma with the degrees of this identity.

A trial draws every value uniformly from p residues. Unless two formally different arguments of one
oracle coincide (a pair of degree d does with probability at most 2d/p, counting x and −x), both
sides are rational functions of independent values, and a difference N/D ≠ 0 vanishes with
probability at most deg N/(p − deg D). Where a trial decides b branches, one pattern of them is met
with probability 2⁻ᵇ; a formula that is wrong for one pattern at the smallest sizes is missed by k
trials with probability (1 − 2⁻ᵇ)ᵏ. Degrees do not depend on sizes and grow with the ends, so those
of the last case bound them all. Sources: Schwartz 1980; Zippel 1979.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from derivations.cell import Cell, Definition
from verify.arithmetic.degree import Degree, lift
from verify.arithmetic.field import FieldArithmetic
from verify.arithmetic.modular import PRIME
from verify.exact.compare import Identity, sides
from verify.exact.schedule import Case
from verify.exact.settings import DegreeSetting
from verify.exact.world import World

Agreed = tuple[Case, FieldArithmetic, int, bool]
"""(case, its arithmetic, how many trials agreed, whether both sides were 0 in all of them)."""
_MOST_BRANCHES = 50
"""Past these, 2⁻ᵇ is no longer told from 0 beside 1."""


@dataclass(frozen=True)
class Bound:
    """What agreeing trials say.

    Attributes:
        degree: largest degree of a difference of both sides.
        value: the probability at most that a wrong identity passed any one of the cases.
        once: the probability that one trial misses it, branches left aside.
    """

    degree: int
    value: float
    once: float

    def trials(self, target: float) -> int:
        """How many trials in each case push the part that is due to degrees below ``target``."""
        if self.once >= 1.0:
            return sys.maxsize
        return math.ceil(math.log(target) / math.log(self.once)) if self.once else 1


def seen_in_every_pattern(branches: int, target: float) -> int:
    """Trials after which one pattern of so many branches was missed with chance ``target``."""
    if branches > _MOST_BRANCHES:
        return sys.maxsize
    # A margin for trials that are lost to division by zero.
    return math.ceil(1.05 * math.log(target) / math.log1p(-(2.0**-branches))) if branches else 1


class Bounds:
    """Bounds for the identities of one cell."""

    def __init__(self, cell: Cell, derived: tuple[Definition, ...]) -> None:
        self._cell, self._derived = cell, derived
        self._worlds: dict[bool, World] = {}

    def of(self, identity: Identity, agreed: Sequence[Agreed], exponential: bool) -> Bound:
        """The bound from the cases that agreed."""
        top, bottom, deepest = self._degrees(identity, agreed[-1][0], exponential)
        worst = most = 0.0
        for _, arithmetic, count, _ in agreed:
            pairs = arithmetic.kit.pairs
            once = min(1.0, (top + 2 * deepest * pairs) / max(PRIME - bottom, 1))
            worst, most = max(worst, once**count), max(most, once)
        return Bound(top, max(worst, _missed_branch(agreed)), most)

    def _degrees(self, identity: Identity, case: Case, exponential: bool) -> tuple[int, int, int]:
        world = self._worlds.get(exponential)
        if world is None:
            setting = DegreeSetting(exponential)
            world = self._worlds[exponential] = World(self._cell, case, setting, self._derived)
        top = bottom = 0
        for _, left, right in sides(world, identity):
            gap: Degree = lift(left) + lift(right)
            top, bottom = max(top, gap.top), max(bottom, gap.bottom)
        return top, bottom, max(world.arithmetic.kit.deepest, 1)  # type: ignore[attr-defined]  # a DegreeArithmetic


def _missed_branch(agreed: Sequence[Agreed]) -> float:
    """The chance that the smallest case with a branch left some pattern of branches out."""
    for _, arithmetic, count, _ in agreed:
        branches = arithmetic.kit.branches
        if branches:
            return float((1 - 2.0**-branches) ** count)
    return 0.0
