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

from collections.abc import Sequence

from derivations.cell import Cell, Definition
from verify.arithmetic.degree import Degree, lift
from verify.arithmetic.field import FieldArithmetic
from verify.arithmetic.modular import PRIME
from verify.exact.compare import Identity, sides
from verify.exact.schedule import Case
from verify.exact.settings import DegreeSetting
from verify.exact.world import World

Agreed = Sequence[tuple[Case, FieldArithmetic, int]]
"""(case, its arithmetic, how many trials agreed)."""


class Bounds:
    """Bounds for the identities of one cell."""

    def __init__(self, cell: Cell, derived: tuple[Definition, ...]) -> None:
        self._cell, self._derived = cell, derived
        self._worlds: dict[bool, World] = {}

    def of(self, identity: Identity, agreed: Agreed, exponential: bool) -> tuple[int, float]:
        """(degree, bound): the probability that a wrong identity passed any one of the cases."""
        top, bottom, deepest = self._degrees(identity, agreed[-1][0], exponential)
        worst = 0.0
        for _, arithmetic, count in agreed:
            pairs = arithmetic.kit.pairs
            once = min(1.0, (top + 2 * deepest * pairs) / max(PRIME - bottom, 1))
            worst = max(worst, once**count)
        return top, max(worst, _missed_branch(agreed))

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


def _missed_branch(agreed: Agreed) -> float:
    """The chance that the smallest case with a branch left some pattern of branches out."""
    for _, arithmetic, count in agreed:
        branches = arithmetic.kit.branches
        if branches:
            return float((1 - 2.0**-branches) ** count)
    return 0.0
