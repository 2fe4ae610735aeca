"""What oracles that perturb share: all entries at once in a batch, every output in one pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate import Key
from verify.oracles import Derivative, Estimate
from verify.precision import frobenius
from verify.problem import ForwardProblem

BATCH = 512
"""Perturbed copies evaluated in one pass; bounds memory, not accuracy."""

Shifts = dict[Key, Array]
Evaluate = Callable[[Arithmetic, Shifts], list[np.ndarray]]
"""The outputs, as (batch, entries, 1), under shifts of shape (batch, rows, cols)."""
Columns = tuple[np.ndarray, np.ndarray]
"""Derivatives of one output (entries, batch), and an error bound for each column."""
Entry = tuple[Key, int, int]


class PerturbingOracle(ABC):
    """Derivatives from the forward equations run at perturbed values."""

    name: str

    @abstractmethod
    def differentiate(
        self, evaluate: Evaluate, basis: Shifts, problem: ForwardProblem
    ) -> list[Columns]:
        """For each output a column per perturbation in ``basis``, for a full step along it."""

    def derivatives(
        self, asked: Sequence[Derivative], problem: ForwardProblem
    ) -> Mapping[Derivative, Estimate]:
        """One batch of all total derivatives, and one for the immediate ones of each variable."""
        groups: dict[tuple[Key, bool] | None, list[Derivative]] = {}
        for one in asked:
            place = (one.of, problem.by_names(one.of, one.wrt)) if one.immediate else None
            groups.setdefault(place, []).append(one)
        found: dict[Derivative, Estimate] = {}
        for place, group in groups.items():
            evaluation = _total if place is None else partial(_direct, place[1])
            found |= self._group(group, problem, evaluation)
        return found

    def _group(
        self, asked: Sequence[Derivative], problem: ForwardProblem, evaluation: Evaluation
    ) -> Mapping[Derivative, Estimate]:
        tops = list(dict.fromkeys(derivative.of for derivative in asked))
        entries = [
            (key, k % rows, k // rows)
            for key in dict.fromkeys(derivative.wrt for derivative in asked)
            for rows, cols in [problem.shape(key)]
            for k in range(rows * cols)
        ]
        evaluate = evaluation(tops, problem)
        parts = [
            self._scaled(evaluate, entries[start : start + BATCH], problem)
            for start in range(0, len(entries), BATCH)
        ]
        joined = {
            top: [np.concatenate(pieces, axis=-1) for pieces in zip(*columns, strict=True)]
            for top, columns in zip(tops, zip(*parts, strict=True), strict=True)
        }
        places = {key: [k for k, e in enumerate(entries) if e[0] == key] for key, _, _ in entries}
        found = {}
        for derivative in asked:
            values, errors = joined[derivative.of]
            own = places[derivative.wrt]
            found[derivative] = Estimate(values[:, own], frobenius(errors[own]))
        return found

    def _scaled(
        self, evaluate: Evaluate, entries: Sequence[Entry], problem: ForwardProblem
    ) -> list[Columns]:
        """Slopes in these entries: what a step as large as a value does, per unit."""
        scales = np.array([_scale(key, problem) for key, _, _ in entries])
        basis = {key: np.zeros((len(entries), *problem.shape(key))) for key, _, _ in entries}
        for k, (key, row, col) in enumerate(entries):
            basis[key][k, row, col] = scales[k]
        with np.errstate(all="ignore"):
            found = self.differentiate(evaluate, basis, problem)
            return [(values / scales, errors / scales) for values, errors in found]


Evaluation = Callable[[Sequence[Key], ForwardProblem], Evaluate]


def _total(tops: Sequence[Key], problem: ForwardProblem) -> Evaluate:
    def evaluate(arithmetic: Arithmetic, shifts: Shifts) -> list[np.ndarray]:
        system = problem.system(arithmetic, shifts)
        return [np.asarray(arithmetic.vec(system.value(top))) for top in tops]

    return evaluate


def _direct(named: bool, tops: Sequence[Key], problem: ForwardProblem) -> Evaluate:
    (top,) = tops

    def evaluate(arithmetic: Arithmetic, shifts: Shifts) -> list[np.ndarray]:
        system = problem.immediate_system(arithmetic, named)
        replaced = {key: system.value(key) + shift for key, shift in shifts.items()}
        return [np.asarray(arithmetic.vec(system.reevaluate(top, replaced)))]

    return evaluate


EXPONENTS = (-1000, 1000)
"""Of a scale: so that neither it nor its inverse leaves the range of float64."""


def _scale(key: Key, problem: ForwardProblem) -> float:
    """The size of a variable as a power of two, so that multiplying by it rounds nothing.

    A step that is small beside 1 may be huge beside the value it is added to.
    """
    _, exponent = np.frexp(frobenius(problem.computed.value(key)))
    return float(2.0 ** np.clip(int(exponent), *EXPONENTS))


def batched(values: np.ndarray, basis: Shifts) -> np.ndarray:
    """A value that no perturbation reached has no batch axis yet."""
    size = len(next(iter(basis.values())))
    return np.broadcast_to(values, (size, *values.shape[-2:]))
