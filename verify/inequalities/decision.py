"""Inequalities: proved by a rule, refuted by a search, or neither."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.errors import GradproofError
from derivations.language.tree import Relation
from derivations.typing.compile import Compiled
from verify.arithmetic.base import Array
from verify.claims.correct_form import correct_form
from verify.claims.counterexample import VISIBLE, Counterexample, PlainSetting, presented
from verify.claims.domain import domain_of
from verify.claims.grade import Grade, Verdict
from verify.claims.typing import type_relation
from verify.evaluate import Key
from verify.exact.compare import Identity, bindings
from verify.exact.schedule import Case
from verify.exact.world import World
from verify.inequalities.norm_bounds import RULE
from verify.inequalities.norm_claims import proves
from verify.sampling import positive_names

RESTARTS = 6
"""Random starting points of the local search in each case."""
STEPS = 25
"""Moves of one local search."""
SECONDS = 4.0
"""Processor time after which a search starts nothing new: a busy machine finds no less."""
ROUND = (1, 2, 4, 10, 100)
"""Values of a counterexample are tried as multiples of 1/1, 1/2, …"""
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


def grade_inequality(compiled: Compiled, relation: Relation, seed: int) -> Grade:
    """The grade of ``left ≤ right`` or ``left ≥ right``.

    Raises:
        InputError: the claim does not type, or is about no time at all.
    """
    claim = type_relation(compiled, relation)
    domain = domain_of(
        compiled.cell, (claim.left, claim.right), claim.indices, claim.entries, claim.gaps
    )
    smaller, larger = claim.left, claim.right
    if relation.operator == ">=":
        smaller, larger = larger, smaller
    proved = proves(compiled.cell, smaller, larger, domain)
    restarts = 0 if proved else RESTARTS
    search = refute(compiled.cell, smaller, larger, domain, seed, restarts)
    if search.found is not None and relation.operator == ">=":
        found = search.found
        search = replace(search, found=replace(found, claimed=found.true, true=found.claimed))
    evidence: list[dict[str, Any]] = []
    if proved:
        evidence.append({"method": "proof", "status": "pass", "rule": RULE})
    status = "fail" if search.found else "pass"
    evidence.append({"method": "search", "status": status, "evaluations": search.evaluations})
    form = correct_form(compiled, relation)
    verdict: Verdict
    if proved and search.found:
        verdict, reason = "undecided", "A rule proves the claim, but a search refutes it."
    elif proved:
        verdict, reason = "correct", f"The claim is proved by {RULE}."
    elif search.found:
        verdict, reason = "wrong", "The claim is violated at the counterexample."
    else:
        verdict = "undecided"
        reason = f"Not refuted in {search.evaluations} evaluations, and no rule proves it."
    return Grade(
        verdict, evidence=tuple(evidence), counterexample=search.found, correct_form=form,
        reason=reason,
    )  # fmt: skip


def refute(
    cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...],
    seed: int = 0, restarts: int = RESTARTS,
) -> Search:  # fmt: skip
    """Search values that violate ``smaller ≤ larger``, small cases and plain values first."""
    begun = time.process_time()
    identity = Identity(larger, smaller, domain)
    count = 0
    for case in _cases(cell):
        for setting in _plain(cell):
            count += 1
            violation, found = _violation(cell, case, identity, setting)
            if violation > VIOLATED:
                return Search(found, count)
    source = np.random.default_rng(seed)
    for case in _cases(cell):
        for restart in range(restarts):
            if time.process_time() - begun > SECONDS:
                return Search(None, count)
            setting = PointSetting(cell, source, (0.1, 1.0, 3.0)[restart % 3])
            best, found = _violation(cell, case, identity, setting)
            count += 1
            step = 1.0
            for _ in range(STEPS):
                if best > VIOLATED:
                    break
                other = setting.moved(step)
                value, shown = _violation(cell, case, identity, other)
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
    cell: Cell, case: Case, identity: Identity, setting: PlainSetting
) -> tuple[float, Counterexample | None]:
    """The largest relative violation over all times and entries, and the case it stands in."""
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
            if np.max(gaps) > worst:
                worst = float(np.max(gaps))
                if worst > VIOLATED:
                    found = presented(case, one, setting, {}, larger, smaller)
    except (GradproofError, ArithmeticError, ValueError, KeyError):
        return -np.inf, None
    return worst, found
