"""Values that violate an inequality: plain ones, then random ones that are moved uphill."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import product

import numpy as np
from sympy import Symbol

from derivations.cell import Cell
from derivations.errors import GradproofError
from verify.arithmetic.base import Array
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.claims.counterexample import VISIBLE, presented
from verify.claims.grade import Counterexample
from verify.claims.plain import PlainSetting
from verify.evaluate import Key
from verify.exact.compare import Identity, bindings
from verify.exact.schedule import Case
from verify.exact.world import World
from verify.inequalities.by_values import Claimed
from verify.sampling import positive_names

RESTARTS = 6
"""Random starting points of the local search in each case."""
STEPS = 25
"""Moves of one local search."""
SECONDS = 4.0
"""Processor time after which a search starts nothing new: a busy machine finds no less."""
ROUND = (1, 2, 4, 10, 100)
"""Values of a counterexample are tried as multiples of 1/1, 1/2, …"""
EQUAL = 1e-40
"""A relative difference of numbers of sixty digits that is rounding."""
VIOLATED = 1e-9
"""A relative violation that is no rounding in float64 at these sizes."""


@dataclass(frozen=True)
class Search:
    """What a search for a counterexample came to."""

    found: Counterexample | None
    evaluations: int


class PointSetting(PlainSetting):
    """Values that a search moves; what it has not met yet is drawn."""

    def __init__(self, cell: Cell, draw: np.random.Generator, scale: float) -> None:
        super().__init__(cell, 0, np.float64)
        self._source, self._scale = draw, scale
        self._kept = positive_names(cell)
        self.fixed: dict[Key, np.ndarray] = {}

    def free(self, key: Key, rows: int, cols: int) -> Array:
        """A value met before, moved or not, else a new one."""
        if key[1] in self._distributions:
            return super().free(key, rows, cols)
        if key not in self.fixed:
            self.fixed[key] = self._scale * self._source.standard_normal((rows, cols))
        value = self.fixed[key]
        self.drawn[key] = np.abs(value) + 1e-3 if key[1] in self._kept else value
        return self.arithmetic.asarray(self.drawn[key])

    def moved(self, step: float) -> PointSetting:
        """A neighbour, with every value moved a little or a few of them far."""
        other = PointSetting(self._cell, self._source, self._scale)
        some = self._source.random() < 0.5
        for key, value in self.fixed.items():
            change = step * self._source.standard_normal(value.shape)
            if some:
                change *= self._source.random(value.shape) < 0.3
            other.fixed[key] = value + change
        return other

    def rounded(self, steps: int) -> PointSetting:
        """The same with every value a multiple of ``1/steps``."""
        other = PointSetting(self._cell, self._source, self._scale)
        other.fixed = {key: np.round(value * steps) / steps for key, value in self.fixed.items()}
        return other


class SimpleSetting(PlainSetting):
    """Zeros for vectors, so that slopes are largest, and simple weights."""

    def __init__(self, cell: Cell, weight: float) -> None:
        super().__init__(cell, 0, np.float64)
        self._weight = weight

    def free(self, key: Key, rows: int, cols: int) -> Array:
        """A multiple of the identity for a matrix, zero for the rest."""
        if key[1] in self._distributions or key[1] in self._positive:
            return super().free(key, rows, cols)
        template = self._cell.templates[str(key[1])]
        weight = not template.steps and template.shape[1] != 1
        self.drawn[key] = self._weight * np.eye(rows, cols) if weight else np.zeros((rows, cols))
        return self.arithmetic.asarray(self.drawn[key])


def refute(cell: Cell, claimed: Claimed, seed: int = 0, restarts: int = RESTARTS) -> Search:
    """Search values that violate a claim, small cases and plain values first."""
    begun = time.process_time()
    identity = Identity(claimed.larger, claimed.smaller, claimed.domain)
    strictly = claimed.strictly
    count = 0
    for case in _cases(cell):
        for setting in _plain(cell):
            count += 1
            violation, found = _violation(cell, case, identity, setting, strictly)
            if violation > VIOLATED:
                return Search(found, count)
    source = np.random.default_rng(seed)
    for case in _cases(cell):
        for restart in range(restarts):
            if time.process_time() - begun > SECONDS:
                return Search(None, count)
            setting = PointSetting(cell, source, (0.1, 1.0, 3.0)[restart % 3])
            best, found = _violation(cell, case, identity, setting, strictly)
            count += 1
            step = 1.0
            for _ in range(STEPS):
                if best > VIOLATED:
                    break
                other = setting.moved(step)
                value, shown = _violation(cell, case, identity, other, strictly)
                count += 1
                if value > best:
                    setting, best, found = other, value, shown
                else:
                    step *= 0.85
            if best > VIOLATED:
                return Search(_simplest(cell, case, identity, setting) or found, count)
    return Search(None, count)


def _simplest(
    cell: Cell, case: Case, identity: Identity, setting: PointSetting
) -> Counterexample | None:
    """The same case with the roundest values that still violate the claim visibly."""
    for steps in ROUND:
        violation, found = _violation(cell, case, identity, setting.rounded(steps))
        if violation > VISIBLE:
            return found
    return None


def _plain(cell: Cell) -> Iterator[PlainSetting]:
    yield from (SimpleSetting(cell, weight) for weight in (1.0, 2.0, 0.5, -1.0))
    yield from (PlainSetting(cell, draw, np.float64) for draw in range(3))


def _cases(cell: Cell) -> list[Case]:
    """All sizes 1 or 2, one to three steps."""
    return [
        Case(
            dict.fromkeys(cell.sizes, size),
            {axis.upper: end + k for k, axis in enumerate(cell.axes)},
        )
        for size, end in product((1, 2) if cell.sizes else (1,), (1, 2, 3) if cell.axes else (1,))
    ]


def _violation(
    cell: Cell, case: Case, identity: Identity, setting: PlainSetting, strictly: bool = False
) -> tuple[float, Counterexample | None]:
    """The largest relative violation over all times and entries, and the case it stands in.

    Args:
        strictly: whether two equal sides violate the claim, too.
    """
    world = World(cell, case, setting)
    worst, found = -np.inf, None
    try:
        for one in bindings(identity.domain, world):
            larger = np.asarray(world.claim(identity.left, one), dtype=float)
            smaller = np.asarray(world.claim(identity.right, one), dtype=float)
            if not (np.isfinite(larger).all() and np.isfinite(smaller).all()):
                continue
            scale = np.abs(larger) + np.abs(smaller)
            gaps = np.where(scale > 0, (smaller - larger) / np.where(scale > 0, scale, 1.0), 0.0)
            top = float(np.max(gaps))
            if strictly and 0 <= top <= VIOLATED and _equal(cell, case, identity, setting, one):
                top = float("inf")
            if top > worst:
                worst = top
                if worst > VIOLATED:
                    found = presented(case, one, setting.drawn, {}, larger, smaller)
    except (GradproofError, ArithmeticError, ValueError, KeyError):
        return -np.inf, None
    return worst, found


def _equal(
    cell: Cell, case: Case, identity: Identity, setting: PlainSetting, one: Mapping[Symbol, int]
) -> bool:
    """Whether two sides are equal in many digits, somewhere: tanh of 20 is below 1."""
    precise = copy(setting)
    precise.arithmetic = MultiprecisionArithmetic()  # type: ignore[assignment]  # another number system
    world = World(cell, case, precise)
    larger, smaller = (world.claim(side, one) for side in (identity.left, identity.right))
    gap = np.abs(np.asarray(larger - smaller, dtype=object))
    return bool(np.any(gap <= EQUAL * np.abs(np.asarray(larger, dtype=object))))
