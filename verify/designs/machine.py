"""A design as a machine: from a state and a letter to the next state and the answer's margin.

The steps are run by the same evaluator as everything else, in whatever number system is asked
for; all states and letters of one call are one batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import InputError
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.dual import Dual, DualArithmetic
from verify.arithmetic.entries import EntryArithmetic
from verify.designs.design import Design, Entry
from verify.designs.structure import Structure, margin_at, structure_of
from verify.evaluate import Key, System, variable
from verify.evaluate.indices import compile_integer

State = tuple[Any, ...]
"""The entries of every delayed value, one after the other."""


class Machine:
    """A design in one number system.

    Args:
        replaced: entries of this number system in the place of given numbers.
    """

    def __init__(
        self,
        design: Design,
        arithmetic: EntryArithmetic,
        replaced: Mapping[Entry, Any] | None = None,
    ) -> None:
        self.design = design
        self.arithmetic = arithmetic
        self.structure: Structure = structure_of(design)
        self.phases = self.structure.phases
        self._margins = {p: margin_at(design, self.structure, p) for p in range(1, self.phases + 1)}
        self._values: dict[Key, Array] = {
            key: arithmetic.asarray(_objects(matrix)) for key, matrix in design.given.items()
        }
        for entry, value in (replaced or {}).items():
            self._values[entry.key][entry.row, entry.col] = value
        self._letters: dict[str, Array] = {
            name: arithmetic.asarray(
                np.stack([_objects(letter.values[name]) for letter in design.letters])
            )
            for name in design.letters[0].values
        }
        env = dict(design.sizes)
        self.shapes: list[tuple[int, int]] = []
        for name, _ in self.structure.delays:
            rows, cols = design.cell.templates[name].shape
            self.shapes.append((compile_integer(rows)(env), compile_integer(cols)(env)))
        self.names = tuple(self._entry_names())

    @property
    def size(self) -> int:
        """How many entries a state has."""
        return len(self.names)

    def start(self) -> State:
        """The state before the first letter; ``None`` for what nothing says.

        A step that reads such an entry is refused.
        """
        system = self._system(1, {})
        found: list[Any] = []
        for (name, delay), (rows, cols) in zip(self.structure.delays, self.shapes, strict=True):
            key = variable(name, 1 - delay)
            known = key in self._values or system.defines(key)
            found += list(np.ravel(system.value(key))) if known else [None] * (rows * cols)
        return tuple(found)

    def step(
        self, states: Sequence[State], phase: int
    ) -> tuple[list[list[State]], list[list[Any]]]:
        """From every state by every letter.

        Args:
            phase: the time, or :attr:`phases` at any later time.

        Returns:
            Next states and margins, ``[state][letter]`` each.
        """
        count, letters = len(states), len(self.design.letters)
        old = self._unpack(states)
        named = {n: array[None] for n, array in self._letters.items()}
        system = self._system(phase, named)
        self._set(system, phase, old)
        columns: list[Array] = []
        for name, delay in self.structure.delays:
            value = old[name, delay - 1] if delay > 1 else system.value(variable(name, phase))
            wide = np.broadcast_to(value, (count, letters, *value.shape[-2:]))
            columns.append(wide.reshape(count, letters, -1))
        margin = self._margins[phase]
        value = system.evaluate(margin.expression, {self.structure.index: phase})
        less = self.arithmetic.add(value, self.arithmetic.number(-margin.bound))  # type: ignore[operator]  # a fraction
        margins = np.broadcast_to(less, (count, letters, 1, 1))[..., 0, 0]
        joined = np.concatenate(columns, axis=-1) if columns else np.empty((count, letters, 0))
        following = [[tuple(joined[s, k]) for k in range(letters)] for s in range(count)]
        return following, [list(row) for row in margins]

    def evaluate(self, expression: MatrixExpr, state: State, phase: int) -> list[Array]:
        """An expression at the time index in one step from a state, letter by letter."""
        named = {n: array[None] for n, array in self._letters.items()}
        system = self._system(phase, named)
        self._set(system, phase, self._unpack([state]))
        value = system.evaluate(expression, {self.structure.index: phase})
        letters = len(self.design.letters)
        return list(np.broadcast_to(value, (1, letters, *value.shape[-2:]))[0])

    def values(self, state: State, letter: int, phase: int, names: Sequence[str]) -> list[Array]:
        """Values of variables after one step, for a trace."""
        old = self._unpack([state])
        chosen = {n: array[None, letter : letter + 1] for n, array in self._letters.items()}
        system = self._system(phase, chosen)
        self._set(system, phase, old)
        found = [system.value(variable(name, phase)) for name in names]
        return [value.reshape(value.shape[-2:]) for value in found]

    def slopes(self, state: State, phase: int) -> tuple[list[Any], list[Any]]:
        """How the one entry of the state moves the next one and the margin, letter by letter."""
        dual = DualArithmetic(self.arithmetic)
        named = {n: array[None] for n, array in self._letters.items()}
        system = self._system(phase, named, dual)
        ((name, delay),) = self.structure.delays
        one = self.arithmetic.full(1, 1, 1)
        system.preset(
            {variable(name, phase - delay): Dual(self._unpack([state])[name, delay], one)}
        )
        letters = len(self.design.letters)

        def tangents(value: Any) -> list[Any]:
            tangent = self.arithmetic.zeros(1, 1) if value.tangent is None else value.tangent
            return list(np.ravel(np.broadcast_to(tangent, (1, letters, 1, 1))))

        margin = system.evaluate(self._margins[phase].expression, {self.structure.index: phase})
        return tangents(system.value(variable(name, phase))), tangents(margin)

    def _set(self, system: System, phase: int, old: Mapping[tuple[str, int], Array]) -> None:
        """Give the values of earlier times, where there are any."""
        values = system.frame.values
        for (name, delay), value in old.items():
            if value.flat[0] is not None:
                values[variable(name, phase - delay)] = value

    def _unpack(self, states: Sequence[State]) -> dict[tuple[str, int], Array]:
        flat = np.empty((len(states), self.size), dtype=object)
        for row, state in enumerate(states):
            flat[row, :] = state
        found: dict[tuple[str, int], Array] = {}
        begin = 0
        for (name, delay), (rows, cols) in zip(self.structure.delays, self.shapes, strict=True):
            part = flat[:, begin : begin + rows * cols]
            found[name, delay] = part.reshape(len(states), 1, rows, cols)
            begin += rows * cols
        return found

    def _system(
        self, phase: int, letters: Mapping[str, Array], arithmetic: Arithmetic | None = None
    ) -> System:
        def free(key: Key) -> Any:
            _, name, *steps = key
            if name in letters and steps == [phase]:
                return letters[str(name)]
            if key in self._values:
                return self._values[key]
            shown = f"{name}[{steps[0]}]" if steps else str(name)
            raise InputError(
                f"nothing says what {shown} is", remedy=f"add a line given: {shown} = 0"
            )

        return System(
            self.structure.definitions,
            arithmetic or self.arithmetic,
            {self.structure.end: phase},
            self.design.sizes,
            free,
        )

    def _entry_names(self) -> list[str]:
        found: list[str] = []
        for (name, delay), (rows, cols) in zip(self.structure.delays, self.shapes, strict=True):
            time = "t" if delay == 1 else f"t-{delay - 1}"
            for row in range(rows):
                for col in range(cols):
                    place = f"{row + 1}" if cols == 1 else f"{row + 1},{col + 1}"
                    found.append(f"{name}[{time}]" + ("" if rows == cols == 1 else f"[{place}]"))
        return found


def _objects(matrix: Sequence[Sequence[Any]]) -> Array:
    return np.array([list(row) for row in matrix], dtype=object)
