"""What oracles that perturb share: all entries at once in a batch, columns back to shapes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate import Key
from verify.oracles import Estimate
from verify.precision import frobenius
from verify.problem import ForwardProblem

BATCH = 512
"""Perturbed copies evaluated in one pass; bounds memory, not accuracy."""

Shifts = dict[Key, Array]
Evaluate = Callable[[Arithmetic, Shifts], np.ndarray]
"""The differentiated value, as (batch, entries, 1), under shifts of shape (batch, rows, cols)."""
Columns = tuple[np.ndarray, np.ndarray]
"""Derivatives (entries, batch), and an error bound for each column."""


class PerturbingOracle(ABC):
    """Derivatives from the forward equations run at perturbed values."""

    name: str

    @abstractmethod
    def differentiate(self, evaluate: Evaluate, basis: Shifts, problem: ForwardProblem) -> Columns:
        """One column per unit perturbation in ``basis``."""

    def gradient(
        self, loss: Key, wrt: Sequence[Key], problem: ForwardProblem
    ) -> Mapping[Key, Estimate]:
        """dL/dv for each of ``wrt`` in the shape of v."""

        def evaluate(arithmetic: Arithmetic, shifts: Shifts) -> np.ndarray:
            return np.asarray(problem.system(arithmetic, shifts).value(loss))

        shapes = {key: problem.shape(key) for key in wrt}
        values, errors = self._columns(evaluate, shapes, problem)
        result, start = {}, 0
        for key, (rows, cols) in shapes.items():
            stop = start + rows * cols
            value = values[0, start:stop].reshape(cols, rows).T
            result[key] = Estimate(value, frobenius(errors[start:stop]))
            start = stop
        return result

    def jacobian(
        self, of: Key, wrt: Key, problem: ForwardProblem, *, immediate: bool = False
    ) -> Estimate:
        """∂of/∂wrt as vec(of) × vec(wrt), column-major."""

        def total(arithmetic: Arithmetic, shifts: Shifts) -> np.ndarray:
            system = problem.system(arithmetic, shifts)
            return np.asarray(arithmetic.vec(system.value(of)))

        def direct(arithmetic: Arithmetic, shifts: Shifts) -> np.ndarray:
            system = problem.immediate_system(arithmetic, of)
            replaced = {key: system.value(key) + shift for key, shift in shifts.items()}
            return np.asarray(arithmetic.vec(system.reevaluate(of, replaced)))

        shapes = {wrt: problem.shape(wrt)}
        values, errors = self._columns(direct if immediate else total, shapes, problem)
        return Estimate(values, frobenius(errors))

    def _columns(
        self, evaluate: Evaluate, shapes: Mapping[Key, tuple[int, int]], problem: ForwardProblem
    ) -> Columns:
        parts = [self.differentiate(evaluate, basis, problem) for basis in _bases(shapes)]
        values, errors = zip(*parts, strict=True)
        return np.concatenate(values, axis=1), np.concatenate(errors)


def _bases(shapes: Mapping[Key, tuple[int, int]]) -> Iterator[Shifts]:
    """Unit perturbations of all entries, a batch at a time: {key: (batch, rows, cols)}."""
    entries = [
        (key, k % rows, k // rows)
        for key, (rows, cols) in shapes.items()
        for k in range(rows * cols)
    ]
    for start in range(0, len(entries), BATCH):
        chunk = entries[start : start + BATCH]
        basis = {key: np.zeros((len(chunk), *shapes[key])) for key, _, _ in chunk}
        for k, (key, row, col) in enumerate(chunk):
            basis[key][k, row, col] = 1.0
        yield basis


def batched(values: np.ndarray, basis: Shifts) -> np.ndarray:
    """A value that no perturbation reached has no batch axis yet."""
    size = len(next(iter(basis.values())))
    return np.broadcast_to(values, (size, *values.shape[-2:]))
