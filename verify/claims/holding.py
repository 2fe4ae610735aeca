"""Whether a relation holds about a cell under one reading, decided in a finite field."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Range
from derivations.deriver import deriver_of
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint
from derivations.expressions.traverse import nodes_in
from derivations.language.tree import Relation
from derivations.typing.compile import Compiled
from verify.claims.domain import Vacuous, domain_of
from verify.claims.typing import contracted, is_chain, truth_first, type_relation
from verify.conventions import AS_WRITTEN, Reading
from verify.edits.point import Point
from verify.exact import Checker, ExactResult
from verify.exact.compare import Identity as Equation
from verify.exact.functions import may_branch, used
from verify.exact.schedule import Case
from verify.exact.world import World
from verify.readings.cell_changes import resized_definition

Status = Literal["holds", "fails", "undecided", "vacuous"]
MOST_GROUNDS = 160
"""Cells (and readings of them) whose evaluations are kept."""
MOST_CHECKS = 200
"""Checks after which the kept evaluations of a cell are dropped, so that memory stays flat."""


SPECIAL_CASES = frozenset({"scalars", "square", "zero", "step", "labels"})
"""Grounds on which every identity about the cell as it is holds as well."""


@dataclass(frozen=True)
class Holding:
    """Whether a relation holds.

    Attributes:
        exact: what the finite field says; ``None`` where it was not asked.
        reason: why it fails without a value, or why it is undecided or vacuous.
    """

    status: Status
    exact: ExactResult | None = None
    reason: str = ""


@dataclass(frozen=True)
class Identity:
    """A claim ready to be checked: the derivative stands on the left where there is one."""

    left: MatrixExpr
    right: MatrixExpr
    domain: tuple[Range, ...]


class OffKinks(Checker):
    """Checks that never land on a kink exactly."""

    def _world(self, number: int, case: Case, trials: int, exponential: bool) -> World:
        return super()._world(number, replace(case, zeros=False), trials, exponential)


class Ground:
    """A cell under one reading with what checks of claims about it share.

    Attributes:
        compiled: the cell as the reading sees it.
    """

    def __init__(self, compiled: Compiled, reading: Reading) -> None:
        cell = reading.cell(compiled.cell)
        self.compiled = compiled if cell is compiled.cell else replace(compiled, cell=cell)
        self.original = compiled
        self._reading, self._off_kinks = reading, reading.off_kinks
        parts = set(filter(None, reading.ground.split(" + ")))
        special = (parts or reading.off_kinks) and parts <= SPECIAL_CASES
        self._general = ground(compiled) if special else None
        self._deriver = deriver_of(self.compiled.cell)
        self._trusted: dict[str, bool] = {}
        self._checkers: dict[tuple[int, bool], Checker] = {}
        self._checks = 0

    @property
    def cell(self) -> Cell:
        """The cell as the reading sees it."""
        return self.compiled.cell

    @cached_property
    def differs(self) -> bool:
        """Whether the reading sees another cell than the one that was typed."""
        return self.cell != self.original.cell

    @cached_property
    def point(self) -> Point:
        """The cell at one random point, in floating point, where no argument meets a kink."""
        if self._off_kinks:
            return ground(self.original, replace(self._reading, off_kinks=False)).point
        return Point(self.compiled, derived=self._adjoints())

    @cached_property
    def special(self) -> Point:
        """The same between scalars, where values that no equation gives are zero.

        An identity that holds at every point holds here, however its factors stand; a kink could
        be met exactly if states started at zero.
        """
        rest = not may_branch(used(self.cell))
        return Point(self.compiled, scalar=True, rest=rest, derived=self._adjoints())

    def _adjoints(self) -> Iterable[Definition]:
        """Adjoint recurrences; those of the cell as it is hold for special cases, too."""
        if self._general is None:
            return self._deriver.adjoints.values()
        pairs = (
            pair
            for name, own in self.cell.templates.items()
            for pair in zip(self.original.cell.templates[name].shape, own.shape, strict=True)
        )
        sizes = {old: new for old, new in pairs if old != new and old.is_Symbol}
        return [resized_definition(d, sizes) for d in self._general._adjoints()]

    def check(self, identity: Identity, seed: int) -> ExactResult:
        """The identity in the finite field, adjoints by recurrences that were checked there."""
        self._checks += 1
        if self._checks > MOST_CHECKS:
            self._checks, self._checkers = 0, {}
        derived = self._recurrences((identity.left, identity.right), seed)
        checker = self._checker(seed, derived)
        return checker.check(identity.left, identity.right, identity.domain)

    def _checker(self, seed: int, derived: bool) -> Checker:
        key = (seed, derived)
        if key not in self._checkers:
            kind = OffKinks if self._off_kinks else Checker
            definitions = tuple(self._deriver.adjoints.values()) if derived else ()
            self._checkers[key] = kind(self.cell, definitions, seed)
        return self._checkers[key]

    def _recurrences(self, sides: tuple[MatrixExpr, ...], seed: int) -> bool:
        """Whether every adjoint among the sides follows recurrences that hold exactly."""
        names = {a.name for side in sides for a in nodes_in(side, Adjoint)}
        if not names:
            return False
        return self._trusts(self._deriver.needed(sorted(names)), seed)

    def _trusts(self, names: Iterable[str], seed: int) -> bool:
        """Whether recurrences hold; those of the cell as it is hold for special cases, too."""
        if self._general is not None:
            return self._general._trusts(names, seed)
        adjoints = self._deriver.adjoints
        new = sorted(name for name in names if name not in self._trusted and name in adjoints)
        formulas = {name: self._deriver.gradient(name) for name in new}
        checker = self._checker(seed, True)
        checker.plan(Equation(f.left, f.right, f.domain) for name in new for f in formulas[name])
        for name in new:
            self._trusted[name] = all(
                checker.check(f.left, f.right, f.domain).status == "pass" for f in formulas[name]
            )
        checker.plan(())
        return all(self._trusted.get(name, False) for name in names)


_GROUNDS: OrderedDict[tuple[int, str, bool], Ground] = OrderedDict()


def ground(compiled: Compiled, reading: Reading = AS_WRITTEN) -> Ground:
    """The ground of a cell under a reading; the same cell object shares one."""
    key = (id(compiled), reading.ground, reading.off_kinks)
    found = _GROUNDS.get(key)
    if found is None or found.original is not compiled:
        found = _GROUNDS[key] = Ground(compiled, reading)
    _GROUNDS.move_to_end(key)
    while len(_GROUNDS) > MOST_GROUNDS:
        _GROUNDS.popitem(last=False)
    return found


def holds(
    compiled: Compiled, relation: Relation, reading: Reading = AS_WRITTEN, seed: int = 0
) -> Holding:
    """Whether an equation between two expressions holds at every size, time and value.

    Args:
        compiled: the cell it is about.
        relation: the untyped claim.
        reading: how it is to be read.
        seed: fixes every random value.
    """
    base = ground(compiled, reading)
    try:
        identity = identity_of(base, compiled, relation, reading)
    except Vacuous as error:
        return Holding("vacuous", reason=str(error))
    except InputError as error:
        return Holding("fails", reason=error.message)
    return decided(base, identity, reading, seed)


def decided(base: Ground, identity: Identity | None, reading: Reading, seed: int) -> Holding:
    """Whether an identity holds; ``None`` stands for one whose sides have different shapes."""
    if identity is None:
        return Holding("fails", reason="the two sides have different shapes")
    try:
        result = base.check(identity, seed)
    except GradproofError as error:
        return Holding("undecided", reason=str(error))
    if result.status == "pass" and reading.says and result.zero:
        return Holding("fails", result, "both sides are zero in this reading")
    status: Status = {"pass": "holds", "fail": "fails"}.get(result.status, "undecided")  # type: ignore[assignment]
    if status == "undecided" and result.agreed:
        status = "holds"
    return Holding(status, result, result.reason)


def identity_of(
    base: Ground, compiled: Compiled, relation: Relation, reading: Reading
) -> Identity | None:
    """The typed identity of a relation under a reading; ``None`` where the shapes differ.

    Raises:
        InputError: a side does not type, or names what the cell does not have.
        Vacuous: it is about no time at all.
    """
    changed = reading.relation(relation, compiled)
    claim = type_relation(base.compiled, changed, reading.gradients)
    sides = [reading.side(side, base.cell) for side in (claim.left, claim.right)]
    if sides[0] is None or sides[1] is None:
        return None
    domain = domain_of(base.cell, sides, claim.indices, claim.entries, claim.gaps)
    left, right = truth_first(sides[0], sides[1])
    if is_chain(compiled, relation) or reading.gradients == "rows":
        right = contracted(left, right)
    return Identity(left, right, domain) if left.shape == right.shape else None
