"""A cell with numbers in some number system: forward values, derivatives by duals, derived values.

The truth side runs the forward equations on dual numbers and nothing else. The claim side runs
whatever was derived. They share the forward values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Protocol

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell, Definition
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
        self._passes: dict[tuple[Key, ...], System] = {}
        self._direct: dict[str, System] = {}
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

    def tangent(self, of: Key, wrt: Sequence[Key], position: int) -> Array | None:
        """The derivative of ``of`` along the direction of ``wrt[position]``; ``None`` if zero.

        All of ``wrt`` share one pass through the forward equations. Where directions are all alike,
        as degrees are, every variable shares one in which everything moves.
        """
        if self.setting.alike:
            return self._moved.value(of).tangent
        keys = tuple(wrt)
        system = self._passes.get(keys)
        if system is None:
            system = self._passes[keys] = self._forward(
                {
                    key: self._seed(key, self.setting.spread(k, len(keys), self.direction(key)))
                    for k, key in enumerate(keys)
                }
            )
        spread = system.value(of).tangent
        self._share(system)
        return None if spread is None else self.setting.take(spread, position)

    @cached_property
    def _moved(self) -> System:
        """The forward equations with a tangent for all that they start from."""
        problem = replace(self._problem, free=lambda k: Dual(self._free(k), self.direction(k)))
        return problem.system(self.dual)

    def slope(self, tangents: Mapping[Key, Array]) -> Array | None:
        """The derivative of the loss where all of these move at once; ``None`` if it is zero."""
        system = self._forward({key: self._seed(key, moved) for key, moved in tangents.items()})
        found = system.value(LOSS_KEY).tangent
        self._share(system)
        return found

    def _share(self, system: System) -> None:
        """Forward values that the dual pass found are those of the claim side."""
        values = self.system.frame.values
        for key, dual in system.frame.values.items():
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
        name = str(of[1])
        if name not in self._direct:
            system = self._direct[name] = self._problem.immediate_system(self.dual, of)
            # The forward values are the same, however the equations are written.
            known = self.system.frame.values.items()
            system.preset({key: Dual(value) for key, value in known if key[0] == VARIABLE})
        system = self._direct[name]
        if not system.defines(of):
            return tangent if of == wrt else None
        system.value(of)
        place = system.value(wrt)
        return system.reevaluate(of, {wrt: Dual(place.value, tangent)}).tangent

    def _leaf(self, key: Key) -> Array:
        """An adjoint or Jacobian that nothing defines, entry by entry from the truth side."""
        if key[0] == ADJOINT:
            wrt: Key = ("variable", *key[1:])
            rows, cols = self.shape(wrt)
            entries = self._matrix(LOSS_KEY, wrt, immediate=False)
            return self.arithmetic.unvec(self.arithmetic.transpose(entries), rows, cols)
        kind, above, upper, below, lower = key
        of, wrt = variable(str(above), *upper), variable(str(below), *lower)  # type: ignore[misc]  # tuples of steps
        return self._matrix(of, wrt, immediate=kind == IMMEDIATE)

    def _matrix(self, of: Key, wrt: Key, immediate: bool) -> Array:
        """∂of/∂wrt, vec × vec, one direction per entry of ``wrt``."""
        rows, cols = self.shape(wrt)
        columns = []
        for k in range(rows * cols):
            unit = np.zeros((rows, cols), dtype=np.int64)
            unit[k % rows, k // rows] = 1
            tangent = self.arithmetic.asarray(unit)
            if immediate:
                moved = self.direct(of, wrt, tangent)
            else:
                moved = self._forward({wrt: self._seed(wrt, tangent)}).value(of).tangent
            column = self.arithmetic.zeros(*self.shape(of)) if moved is None else moved
            columns.append(self.arithmetic.vec(column))
        return self.arithmetic.blocks([columns])

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
