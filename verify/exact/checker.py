"""The exact check of one identity: sizes from small to large, many trials each, then a bound."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Range
from derivations.errors import MissingRule
from verify.arithmetic.exact import NotRational
from verify.arithmetic.field import FieldArithmetic
from verify.evaluate.indices import UnboundIndex
from verify.exact.arbiter import differs
from verify.exact.bound import Bounds
from verify.exact.compare import Identity, sides
from verify.exact.functions import functions_of, loose, may_branch, two_readings, used
from verify.exact.result import ExactResult, Failure
from verify.exact.schedule import Case, schedule
from verify.exact.settings import FieldSetting
from verify.exact.world import World

TRIALS = 8
"""Independent evaluations per case to start with."""
TARGET = 1e-15
"""Largest bound on a false pass; more trials are run until it is reached."""
MOST_TRIALS = 128
BRANCH_TRIALS = 256
"""The same where all sizes are 1 and a branch or a root leaves each trial to chance."""


@dataclass(frozen=True)
class _Run:
    """Trials that agreed in each case, or where both sides differ."""

    agreed: tuple[tuple[Case, FieldArithmetic, int], ...]
    differing: tuple[Case, Failure] | None = None


class Checker:
    """Exact checks of one cell; what its identities share is computed once.

    Args:
        cell: forward equations.
        derived: definitions that right sides may refer to (adjoint recurrences); adjoints that are
            not among them are computed from the forward equations.
        seed: fixes every random value.
        trials: independent evaluations per case.
    """

    def __init__(
        self, cell: Cell, derived: Iterable[Definition] = (), seed: int = 0, trials: int = TRIALS
    ) -> None:
        self.cell, self.derived = cell, tuple(derived)
        self.seed, self.trials = seed, trials
        self._worlds: dict[tuple[int, int, bool], World] = {}
        self._bounds = Bounds(cell, self.derived)
        self._used = used(cell)

    def check(
        self, left: MatrixExpr, right: MatrixExpr, domain: tuple[Range, ...] = ()
    ) -> ExactResult:
        """Whether ``left = right`` for every index of ``domain``, at every size and time tried.

        Args:
            left: ``Adjoint(v)`` or ``Jacobian(u, v)``, whose truth is computed from the forward
                equations, or any expression.
            right: what is claimed to equal it.
            domain: the indices and their ranges; an open range ends with its time axis.
        """
        started = time.perf_counter()
        identity = Identity(left, right, domain)
        names = self._used | functions_of(left) | functions_of(right)
        try:
            result = self._decide(identity, names)
        except (NotRational, MissingRule, UnboundIndex) as error:
            result = _undecided(str(error))
        except ValueError as error:
            # Shapes that do not fit at concrete sizes: no value of the right side could be right.
            result = _answer("fail", reason=f"the right side cannot be evaluated: {error}")
        seconds = time.perf_counter() - started
        return ExactResult(**{**result, "seconds": seconds})

    def _decide(self, identity: Identity, names: frozenset[str]) -> dict[str, Any]:
        answer = self._with(identity, names, self.trials)
        trials = 2 * self.trials
        while answer["status"] == "pass" and answer["bound"] > TARGET and trials <= MOST_TRIALS:
            answer = self._with(identity, names, trials)
            trials *= 2
        return answer

    def _with(self, identity: Identity, names: frozenset[str], trials: int) -> dict[str, Any]:
        run = self._run(identity, names, trials, exponential=False)
        exponential = False
        if run.differing is not None and two_readings(names):
            other = self._run(identity, names, trials, exponential=True)
            if other.differing is None:
                run, exponential = other, True
        if run.differing is not None:
            return self._judge(identity, names, *run.differing)
        if not run.agreed:
            return _undecided(
                "nothing is claimed at the sizes tried, or every trial divides by zero"
            )
        degree, bound = self._bounds.of(identity, run.agreed, exponential)
        cases = sum(count for _, _, count in run.agreed)
        return _answer("pass", cases, bound, degree)

    def _judge(
        self, identity: Identity, names: frozenset[str], case: Case, failure: Failure
    ) -> dict[str, Any]:
        """A difference in the field counts if floats see it, or if the field lacks no identity."""
        seen = differs(self.cell, self.derived, identity, case, self.seed)
        if seen is None and loose(names):
            listed = ", ".join(sorted(loose(names)))
            return _undecided(f"an identity of {listed} may hold that the field does not keep")
        return _answer("fail", failure=seen or failure)

    def _run(
        self, identity: Identity, names: frozenset[str], trials: int, exponential: bool
    ) -> _Run:
        agreed = []
        branching = may_branch(names)
        for number, case in enumerate(schedule(self.cell, branching)):
            world = self._world(number, case, _trials(case, trials, branching), exponential)
            arithmetic = world.arithmetic
            assert isinstance(arithmetic, FieldArithmetic)
            equal = np.ones(arithmetic.trials, dtype=bool)
            first: Failure | None = None
            compared = False
            for one, left, right in sides(world, identity):
                compared = True
                same = np.broadcast_to(_same(left, right), equal.shape)
                if first is None and not (same | _excused(arithmetic)).all():
                    first = _failure(case, one, left, right, ~same & ~_excused(arithmetic))
                equal &= same
            if first is not None and not (equal | _excused(arithmetic)).all():
                return _Run((), (case, first))
            count = int((equal & ~arithmetic.kit.spoiled).sum())
            # A size at which nothing is claimed is no evidence.
            if compared and count:
                agreed.append((case, arithmetic, count))
        return _Run(tuple(agreed))

    def _world(self, number: int, case: Case, trials: int, exponential: bool) -> World:
        key = (number, trials, exponential)
        if key not in self._worlds:
            seed = self.seed * 1_000 + number
            setting = FieldSetting(self.cell, case, seed, trials, exponential)
            self._worlds[key] = World(self.cell, case, setting, self.derived)
        return self._worlds[key]


def _trials(case: Case, trials: int, branching: bool) -> int:
    """More where a trial sees one branch of several, most of all where they cost little."""
    if not branching:
        return trials
    small = all(size == 1 for size in case.sizes.values())
    return max(4 * trials, BRANCH_TRIALS if small else 0)


def check(
    cell: Cell,
    left: MatrixExpr,
    right: MatrixExpr,
    domain: tuple[Range, ...] = (),
    definitions: Iterable[Definition] = (),
    seed: int = 0,
    cases: int = TRIALS,
) -> ExactResult:
    """One identity of a cell; see :class:`Checker`, which checks several at less cost each."""
    return Checker(cell, definitions, seed, cases).check(left, right, domain)


def _excused(arithmetic: FieldArithmetic) -> np.ndarray:
    """Trials that say nothing against an identity."""
    return arithmetic.kit.spoiled | arithmetic.kit.untied


def _same(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Per trial, whether all entries agree; matrices of different shapes never do."""
    if left.shape[-2:] != right.shape[-2:]:
        return np.zeros(1, dtype=bool)
    return np.asarray((left == right).all(axis=(-2, -1)))


def _failure(
    case: Case, one: dict[Symbol, int], left: np.ndarray, right: np.ndarray, wrong: np.ndarray
) -> Failure:
    trial = int(np.argmax(wrong))
    a, b = (
        float(np.broadcast_to(side, (len(wrong), *side.shape[-2:]))[trial].flat[0])
        for side in (left, right)
    )
    return Failure(dict(case.sizes), dict(case.ends), one, a, b)


def _answer(
    status: str, cases: int = 0, bound: float = 1.0, degree: int = 0,
    failure: Failure | None = None, reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    return {
        "status": status, "cases": cases, "bound": bound, "degree": degree,
        "failure": failure, "reason": reason,
    }  # fmt: skip


def _undecided(reason: str) -> dict[str, Any]:
    return _answer("undecided", reason=reason)
