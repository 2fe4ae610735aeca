"""A cell with numbers: forward equations at concrete sizes and ends, and every free value.

This is all that an oracle sees. No derivative rule is reachable from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol

from derivations.cell import Cell, Definition
from derivations.expressions.nodes import Variable
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System
from verify.evaluate.indices import compile_integer


@dataclass(frozen=True)
class ForwardProblem:
    """Forward equations and the values they start from.

    Attributes:
        definitions: forward equations.
        templates: every variable by name, at its generic steps.
        ends: concrete end of each time axis.
        sizes: concrete value of each size symbol.
        free: value of an input, a parameter, an initial state, by key.
        seed: fixes every arbitrary function.
        written: the equations that an immediate partial refers to; those without named
            intermediate arguments. The definitions where empty.
        moved: added to values right after they are computed, so that a neighbouring problem can
            differ in what an equation defines.
    """

    definitions: tuple[Definition, ...]
    templates: Mapping[str, Variable]
    ends: Mapping[Symbol, int]
    sizes: Mapping[Symbol, int]
    free: Callable[[Key], Any] = field(repr=False)
    seed: int = 0
    written: tuple[Definition, ...] = ()
    moved: Mapping[Key, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        cell: Cell,
        ends: Mapping[Symbol, int],
        sizes: Mapping[Symbol, int],
        free: Callable[[Key], Any],
        seed: int = 0,
    ) -> ForwardProblem:
        """The forward problem of a cell."""
        return cls(cell.definitions, cell.templates, ends, sizes, free, seed, cell.written)

    def system(self, arithmetic: Arithmetic, shifts: Mapping[Key, Array] | None = None) -> System:
        """The forward equations in one number system, with these values shifted."""
        return self._system(self.definitions, arithmetic, shifts or {})

    @cached_property
    def computed(self) -> System:
        """The forward equations in float64, nothing shifted; shared by all who ask."""
        return self.system(NumpyArithmetic(seed=self.seed))

    def by_names(self, of: Key, wrt: Key) -> bool:
        """Whether an immediate partial is about an intermediate, which then is a variable too."""
        return not self._between.isdisjoint((of[1], wrt[1]))

    @cached_property
    def _between(self) -> frozenset[object]:
        written = {definition.name for definition in self.written}
        return frozenset(d.name for d in self.definitions if d.name not in written)

    def immediate_system(self, arithmetic: Arithmetic, named: bool) -> System:
        """The equations as written, or with intermediates as variables of their own."""
        return self._system(self.definitions if named else self.written, arithmetic, {})

    def _system(
        self,
        definitions: tuple[Definition, ...],
        arithmetic: Arithmetic,
        shifts: Mapping[Key, Array],
    ) -> System:
        together = dict(shifts)
        for key, offset in self.moved.items():
            own = arithmetic.asarray(offset)
            together[key] = arithmetic.add(own, together[key]) if key in together else own
        return System(definitions, arithmetic, self.ends, self.sizes, self.free, shifts=together)

    def shape(self, key: Key) -> tuple[int, int]:
        """Concrete shape of a variable."""
        env = {**self.ends, **self.sizes}
        rows, cols = self.templates[str(key[1])].shape
        return compile_integer(rows)(env), compile_integer(cols)(env)
