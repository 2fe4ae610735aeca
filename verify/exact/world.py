"""A cell with numbers in some number system: forward values, derivatives by duals, derived values.

The truth side runs the forward equations on dual numbers and nothing else. The claim side runs
whatever was derived. They share the forward values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import repeat
from typing import Any, Protocol

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell, Definition
from derivations.errors import MissingRule
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.dual import Dual, DualArithmetic
from verify.evaluate import Key, System, variable
from verify.evaluate.frame import ADJOINT, IMMEDIATE, VARIABLE
from verify.evaluate.indices import Env
from verify.exact.schedule import Case
from verify.problem import ForwardProblem

LOSS_KEY = variable(LOSS)


class Setting(Protocol):
    """A number system together with values to start from."""

    @property
    def arithmetic(self) -> Arithmetic:
        """The number system."""

    def free(self, key: Key, rows: int, cols: int) -> Array:
        """The value of what no equation defines."""

    @property
    def alike(self) -> bool:
        """Whether one direction is as good as any other."""

    def direction(self, key: Key, rows: int, cols: int) -> Array:
        """A tangent for a variable of this shape."""

    def spread(self, position: int, count: int, direction: Array) -> Array:
        """``direction`` at ``position`` of a new first axis of length ``count``, else zero."""

    def take(self, spread: Array, position: int) -> Array:
        """One position of that axis."""


class World:
    """One case in one number system.

    Args:
        cell: forward equations.
        case: sizes and ends.
        setting: number system and values.
        derived: what claims may refer to beside the forward equations; adjoints that it does not
            define are computed by duals, as Jacobians are.
    """

    def __init__(
        self, cell: Cell, case: Case, setting: Setting, derived: Iterable[Definition] = ()
    ) -> None:
        self.cell, self.case, self.setting = cell, case, setting
        self.arithmetic = setting.arithmetic
        self.dual = DualArithmetic(self.arithmetic)
        self._problem = ForwardProblem.of(
            cell, case.ends, case.sizes, self._free, self.arithmetic.seed
        )
        self._values: dict[Key, Array] = {}
        self._directions: dict[Key, Array] = {}
        self._moving: dict[Key, tuple[System, int]] = {}
        self._shared: dict[System, int] = {}
        self._direct: dict[tuple[str, bool], System] = {}
        self.system = System(
            (*cell.definitions, *derived), self.arithmetic, case.ends, case.sizes, self._free,
            jacobian=self._leaf,
        )  # fmt: skip

    @property
    def env(self) -> Env:
        """Ends and sizes."""
        return {**self.case.ends, **self.case.sizes}

    def shape(self, key: Key) -> tuple[int, int]:
        """Concrete shape of a variable."""
        return self._problem.shape(key)

    def claim(self, expr: MatrixExpr, bindings: Mapping[Symbol, int]) -> Array:
        """The value of a derived expression."""
        return self.system.evaluate(expr, bindings)

    def read_by(self, expr: MatrixExpr, bindings: Mapping[Symbol, int]) -> set[Key]:
        """The values that nothing defines and that the value of an expression depends on."""
        found: set[Key] = set()
        for key in self.system.leaves(expr, bindings):
            kind, *names = key
            if kind == VARIABLE:
                found |= self.system.sources(key)
            elif kind == ADJOINT:
                found |= self.system.sources(LOSS_KEY)
            else:
                of, wrt = _pair(names)
                found |= self.system.sources(of)
                if kind == IMMEDIATE:
                    found |= self.system.sources(wrt)
        return found

    def claims(self, expr: MatrixExpr, bindings: Sequence[Mapping[Symbol, int]]) -> Array:
        """Its values under many bindings at once, on a first axis if they differ."""
        return self.system.evaluate_all(expr, bindings)

    def each(self, expr: MatrixExpr, bindings: Sequence[Mapping[Symbol, int]]) -> Iterator[Array]:
        """Its values one after the other; where they can be told together, what bounds them all."""
        if self.setting.alike and len(bindings) > 1:
            with suppress(MissingRule):
                joined = self.claims(expr, bindings)
                yield from repeat(joined, len(bindings))
                return
        for one in bindings:
            yield self.claim(expr, one)

    def direction(self, key: Key) -> Array:
        """The tangent in which derivatives with respect to ``key`` are taken."""
        if key not in self._directions:
            self._directions[key] = self.setting.direction(key, *self.shape(key))
        return self._directions[key]

    def along(self, key: Key, gradient: Array) -> Array:
        """⟨gradient, direction⟩, 1×1."""
        vec = self.arithmetic.vec
        row = self.arithmetic.transpose(vec(gradient))
        return self.arithmetic.matmul(row, vec(self.direction(key)))

    def tangent(self, of: Key, wrt: Key, others: Iterable[Key] = ()) -> Array | None:
        """The derivative of ``of`` along the direction of ``wrt``; ``None`` if it is zero.

        Args:
            others: variables that will be asked for as well and share one pass through the
                forward equations. Where directions are all alike, as degrees are, every variable
                shares one in which everything moves.
        """
        if self.setting.alike:
            return self._moved.value(of).tangent
        if wrt not in self._moving:
            self.move([], dict.fromkeys([wrt, *others]))
        system, position = self._moving[wrt]
        return self.taken(system, of, position)

    def taken(self, system: System, of: Key, position: int) -> Array | None:
        """The derivative of ``of`` along one of the directions of a pass."""
        spread = system.value(of).tangent
        self._share(system)
        return None if spread is None else self.setting.take(spread, position)

    def move(self, combined: Sequence[Iterable[Key]], each: Iterable[Key]) -> System:
        """A pass of duals in several directions at once.

        Args:
            combined: sets of variables, each of which moves together; their directions come first.
            each: variables that move one by one; :meth:`tangent` finds them in this pass.
        """
        alone = [key for key in each if key not in self._moving]
        groups = [*combined, *([key] for key in alone)]
        tangents: dict[Key, Array] = {}
        for position, keys in enumerate(groups):
            for key in keys:
                spread = self.setting.spread(position, len(groups), self.direction(key))
                known = tangents.get(key)
                tangents[key] = spread if known is None else self.arithmetic.add(known, spread)
        system = self._forward({key: self._seed(key, moved) for key, moved in tangents.items()})
        self._moving |= {k: (system, len(combined) + place) for place, k in enumerate(alone)}
        return system

    @cached_property
    def _moved(self) -> System:
        """The forward equations with a tangent for all that they start from."""
        problem = replace(self._problem, free=lambda k: Dual(self._free(k), self.direction(k)))
        return problem.system(self.dual)

    def _share(self, system: System) -> None:
        """Forward values that the dual pass found are those of the claim side."""
        values, found = self.system.frame.values, system.frame.values
        if self._shared.get(system) != len(found):
            self._shared[system] = len(found)
            for key, dual in found.items():
                values.setdefault(key, dual.value)

    def _free(self, key: Key) -> Array:
        if key not in self._values:
            self._values[key] = self.setting.free(key, *self.shape(key))
        return self._values[key]

    def _forward(self, shifts: Mapping[Key, Dual]) -> System:
        return self._problem.system(self.dual, shifts)

    def _seed(self, key: Key, tangent: Array) -> Dual:
        return Dual(self.arithmetic.zeros(*self.shape(key)), tangent)

    def direct(self, of: Key, wrt: Key, tangent: Array) -> Array | None:
        """The immediate partial of ``of`` along a tangent of ``wrt``, all else held fixed."""
        named = self._problem.by_names(of, wrt)
        place = (str(of[1]), named)
        if place not in self._direct:
            system = self._direct[place] = self._problem.immediate_system(self.dual, named)
            # The forward values are the same, however the equations are written.
            known = self.system.frame.values.items()
            system.preset({key: Dual(value) for key, value in known if key[0] == VARIABLE})
        system = self._direct[place]
        if not system.defines(of):
            return tangent if of == wrt else None
        system.value(of)
        here = system.value(wrt)
        return system.reevaluate(of, {wrt: Dual(here.value, tangent)}).tangent

    def _leaf(self, key: Key) -> Array:
        """An adjoint or Jacobian that nothing defines, entry by entry from the truth side."""
        if key[0] == ADJOINT:
            wrt: Key = ("variable", *key[1:])
            rows, cols = self.shape(wrt)
            entries = self._matrix(LOSS_KEY, wrt, immediate=False)
            return self.arithmetic.unvec(self.arithmetic.transpose(entries), rows, cols)
        kind, *names = key
        of, wrt = _pair(names)
        return self._matrix(of, wrt, immediate=kind == IMMEDIATE)

    def _matrix(self, of: Key, wrt: Key, immediate: bool) -> Array:
        """∂of/∂wrt, vec × vec, one direction per entry of ``wrt``."""
        rows, cols = self.shape(wrt)
        count = rows * cols
        places = range(count)
        units = np.zeros((count, rows, cols), dtype=np.int64)
        units[places, [k % rows for k in places], [k // rows for k in places]] = 1
        if self.setting.alike:
            passes = [self._along(of, wrt, self.arithmetic.asarray(u), immediate) for u in units]
        else:
            # Every direction on a new first axis, ahead of that of the trials: one pass for all.
            moved = self._along(of, wrt, self.arithmetic.asarray(units[:, None]), immediate)
            passes = [None if moved is None else _alone(moved[k]) for k in places]
        zero = self.arithmetic.zeros(*self.shape(of))
        columns = [self.arithmetic.vec(zero if one is None else one) for one in passes]
        return self.arithmetic.blocks([columns])

    def _along(self, of: Key, wrt: Key, tangent: Array, immediate: bool) -> Array | None:
        """The change of ``of`` when ``wrt`` moves along a tangent."""
        if immediate:
            return self.direct(of, wrt, tangent)
        return self._forward({wrt: self._seed(wrt, tangent)}).value(of).tangent

    def mixed(self, one: Key, other: Key, along: Array) -> Array:
        """∂²L in the own direction of ``one`` and ``along`` of ``other``: duals over duals."""
        twice = DualArithmetic(self.dual)
        inner = Dual(self.arithmetic.zeros(*self.shape(one)), self.direction(one))
        outer = Dual(self.arithmetic.zeros(*self.shape(other)), None)
        if one == other:
            shifts = {one: Dual(inner, Dual(along))}
        else:
            shifts = {one: Dual(inner), other: Dual(outer, Dual(along))}
        moved = self._problem.system(twice, shifts).value(LOSS_KEY).tangent
        change = None if moved is None else moved.tangent
        return self.arithmetic.zeros(1, 1) if change is None else change


def _pair(names: Sequence[Any]) -> tuple[Key, Key]:
    """The variables of a Jacobian's key: name and steps above, name and steps below."""
    above, upper, below, lower = names
    return variable(above, *upper), variable(below, *lower)


def _alone(value: Array) -> Array:
    """A value that is the same in all trials, without their axis."""
    return value[0] if value.ndim > 2 and value.shape[0] == 1 else value
