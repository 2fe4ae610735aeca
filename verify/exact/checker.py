"""The exact check of one identity: sizes from small to large, many trials each, then a bound."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Range
from derivations.errors import MissingRule
from verify.arithmetic.base import Array
from verify.arithmetic.exact import NotRational
from verify.arithmetic.field import FieldArithmetic
from verify.evaluate.indices import UnboundIndex
from verify.exact.arbiter import differs, differs_in_digits
from verify.exact.bound import Agreed, Bounds, seen_in_every_pattern
from verify.exact.compare import Identity, sides
from verify.exact.functions import functions_of, loose, may_branch, two_readings, used
from verify.exact.kept_worlds import KeptWorlds
from verify.exact.result import ExactResult, Failure
from verify.exact.schedule import Case, schedule
from verify.exact.settings import FieldSetting
from verify.exact.together import Together
from verify.exact.world import World

TRIALS = 5
"""Independent evaluations per case to start with."""
TARGET = 1e-15
"""Largest bound on a false pass that more trials are run for."""
MOST_TRIALS = 128
"""No more than these at sizes above 1; a bound that needs more is printed as it is."""
BRANCH_FACTOR = 4
"""How many times as many where a branch or a root leaves each trial to chance."""
BRANCH_TRIALS = 256
"""No fewer than these where, besides, all sizes are 1."""
MOST_BRANCH_TRIALS = 4096
"""The same at most; six branches need half of it to be seen in every pattern."""


@dataclass(frozen=True)
class _Difference:
    """The first case, by its place in the schedule, in which both sides differ."""

    number: int
    case: Case
    failure: Failure


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
        self.seed, self._enough = seed, trials
        self._worlds: dict[tuple[int, int, bool], World] = {}
        self._points = KeptWorlds()
        self._plan: tuple[Identity, ...] = ()
        self._together: dict[tuple[int, int, bool], Together] = {}
        self._schedules: dict[bool, tuple[Case, ...]] = {}
        self._bounds = Bounds(cell, self.derived)
        self._used = used(cell)

    def plan(self, identities: Iterable[Identity]) -> None:
        """Say what will be asked for, so that gradients can share their passes of duals."""
        self._plan = tuple(identities)
        self._together.clear()

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
        except (ValueError, IndexError) as error:
            # Shapes or entries that do not fit at concrete sizes: no value could be right.
            result = _answer("fail", reason=f"the right side cannot be evaluated: {error}")
        seconds = time.perf_counter() - started
        return ExactResult(**{**result, "seconds": seconds})

    def _decide(self, identity: Identity, names: frozenset[str]) -> dict[str, Any]:
        answer, wanted = self._with(identity, names, self._enough)
        if answer["status"] == "pass" and answer["bound"] > TARGET:
            wanted = math.ceil(wanted / BRANCH_FACTOR) if may_branch(names) else wanted
            if self._enough < wanted <= MOST_TRIALS:
                # The next identities of the cell will need as many.
                self._enough = wanted
                answer, _ = self._with(identity, names, wanted)
        return answer

    def _with(
        self, identity: Identity, names: frozenset[str], trials: int
    ) -> tuple[dict[str, Any], int]:
        """The answer, and how many trials would bring its bound to the target."""
        for exponential in (False, True) if two_readings(names) else (False,):
            run = self._run(identity, names, trials, exponential)
            if not isinstance(run, _Difference):
                break
        if isinstance(run, _Difference):
            return self._judge(identity, names, trials), 0
        if not run:
            return _undecided(
                "nothing is claimed at the sizes tried, or every trial divides by zero"
            ), 0
        bound = self._bounds.of(identity, run, exponential)
        cases = sum(count for _, _, count, _ in run)
        answer = _answer("pass", cases, bound.value, bound.degree)
        return {**answer, "zero": all(zero for *_, zero in run)}, bound.trials(TARGET)

    def _judge(self, identity: Identity, names: frozenset[str], trials: int) -> dict[str, Any]:
        """A difference in the field counts if floats see it, or if the field lacks no identity.

        Where floats see none, as at sizes at which a term vanishes among the reals alone, larger
        cases may still show one.
        """
        run = self._run(identity, names, trials, exponential=False)
        while isinstance(run, _Difference):
            seen = differs(self.cell, self.derived, identity, run.case, self.seed, self._points)
            if seen is not None or not loose(names):
                return _answer("fail", failure=seen or run.failure)
            run = self._run(identity, names, trials, exponential=False, start=run.number + 1)
        listed = ", ".join(sorted(loose(names)))
        reason = f"an identity of {listed} may hold that the field does not keep"
        if may_branch(names):
            return _undecided(reason)
        # Smooth functions that agree in many digits at random points agree everywhere.
        cases = self._cases(branching=False)
        found = differs_in_digits(self.cell, self.derived, identity, cases, self.seed)
        if isinstance(found, Failure):
            return _answer("fail", failure=found)
        return {**_undecided(reason), "agreed": found}

    def _run(
        self,
        identity: Identity,
        names: frozenset[str],
        trials: int,
        exponential: bool,
        start: int = 0,
    ) -> tuple[Agreed, ...] | _Difference:
        """The cases from ``start`` in which trials agreed, or the first that shows a difference."""
        agreed: list[Agreed] = []
        branching = may_branch(names)
        for number, case in enumerate(self._cases(branching)):
            if number < start:
                continue
            count = _trials(case, trials, branching)
            found = self._compare(identity, number, case, count, exponential)
            fresh = branching and not any(a.kit.branches for _, a, *_ in agreed)
            if fresh and isinstance(found, tuple):
                count = seen_in_every_pattern(found[1].kit.branches, TARGET)
                if case.small and found[2] < count <= MOST_BRANCH_TRIALS:
                    found = self._compare(identity, number, case, count, exponential)
            if isinstance(found, _Difference):
                return found
            # A size at which nothing is claimed is no evidence.
            if found is not None:
                agreed.append(found)
        return tuple(agreed)

    def _compare(
        self, identity: Identity, number: int, case: Case, trials: int, exponential: bool
    ) -> Agreed | _Difference | None:
        """One case: how many trials agree at every index; nothing where there is no index."""
        world = self._world(number, case, trials, exponential)
        arithmetic = world.arithmetic
        assert isinstance(arithmetic, FieldArithmetic)
        summed = self._summed(number, trials, exponential, world, identity)
        if summed is not None:
            equal = np.broadcast_to(_same(*summed), (trials,))
            if (equal | _excused(arithmetic)).all():
                count = int((equal & ~arithmetic.kit.spoiled).sum())
                return (case, arithmetic, count, _zero(*summed)) if count else None
        equal = np.ones(trials, dtype=bool)
        first: Failure | None = None
        compared, zero = False, True
        for one, left, right in sides(world, identity):
            compared, zero = True, zero and _zero(left, right)
            same = np.broadcast_to(_same(left, right), equal.shape)
            if first is None and not (same | _excused(arithmetic)).all():
                first = _failure(case, one, left, right, ~same & ~_excused(arithmetic))
            equal &= same
        if first is not None and not (equal | _excused(arithmetic)).all():
            return _Difference(number, case, first)
        count = int((equal & ~arithmetic.kit.spoiled).sum())
        return (case, arithmetic, count, zero) if compared and count else None

    def _summed(
        self, number: int, trials: int, exponential: bool, world: World, identity: Identity
    ) -> tuple[Array, Array] | None:
        """Both sides over all indices together, if the identity is one of the plan."""
        if not self._plan:
            return None
        key = (number, trials, exponential)
        if key not in self._together:
            self._together[key] = Together(world, self._plan)
        return self._together[key].sides(identity)

    def _cases(self, branching: bool) -> tuple[Case, ...]:
        if branching not in self._schedules:
            self._schedules[branching] = tuple(schedule(self.cell, branching))
        return self._schedules[branching]

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
    return max(BRANCH_FACTOR * trials, BRANCH_TRIALS if case.small else 0)


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


def _zero(left: np.ndarray, right: np.ndarray) -> bool:
    return not (left.any() or right.any())


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
