"""Finite differences of the forward equations: complex step, else high-order central differences.

The complex step Im f(x + ih)/h has no cancellation, so h may be far below rounding (Squire and
Trapp 1998). It needs functions that continue analytically off the real line; where the result
shows otherwise, central differences of order 8 in the widest floating point take over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key
from verify.oracles import Estimate
from verify.oracles.complex_safe import is_complex_safe
from verify.problem import ForwardProblem

COMPLEX_STEP = 1e-60
"""Its square is far below rounding; its product with a slope of 1e-200 is still a number."""

BATCH = 512
"""Perturbed copies evaluated in one pass; bounds memory, not accuracy."""

ROUNDINGS = 64.0
"""Rounding errors, in units of epsilon times the norm, that a well-conditioned pass makes."""

STENCILS = {
    6: {1: (3, 4), 2: (-3, 20), 3: (1, 60)},
    8: {1: (4, 5), 2: (-1, 5), 3: (4, 105), 4: (-1, 280)},
}
"""Order → offset → weight, as a fraction, of the antisymmetric differences (Fornberg 1988)."""

Shifts = dict[Key, np.ndarray]
Evaluate = Callable[[NumpyArithmetic, Shifts], np.ndarray]
"""The differentiated value, as (batch, entries, 1), under shifts of shape (batch, rows, cols)."""


class Differences:
    """The oracle of this file."""

    name = "differences"

    def gradient(
        self, loss: Key, wrt: Sequence[Key], problem: ForwardProblem
    ) -> Mapping[Key, Estimate]:
        """dL/dv for each of ``wrt`` in the shape of v."""

        def evaluate(arithmetic: NumpyArithmetic, shifts: Shifts) -> np.ndarray:
            return np.asarray(problem.system(arithmetic, shifts).value(loss))

        shapes = {key: problem.shape(key) for key in wrt}
        rows = _derivative(evaluate, shapes, problem)
        result, start = {}, 0
        for key, (down, across) in shapes.items():
            value = rows.value[0, start : start + down * across]
            error = rows.errors[start : start + down * across]
            result[key] = Estimate(value.reshape(across, down).T, float(np.linalg.norm(error)))
            start += down * across
        return result

    def jacobian(
        self, of: Key, wrt: Key, problem: ForwardProblem, *, immediate: bool = False
    ) -> Estimate:
        """∂of/∂wrt as vec(of) × vec(wrt), column-major."""

        def total(arithmetic: NumpyArithmetic, shifts: Shifts) -> np.ndarray:
            system = problem.system(arithmetic, shifts)
            return np.asarray(arithmetic.vec(system.value(of)))

        def direct(arithmetic: NumpyArithmetic, shifts: Shifts) -> np.ndarray:
            system = problem.immediate_system(arithmetic, of)
            replaced = {key: system.value(key) + shift for key, shift in shifts.items()}
            return np.asarray(arithmetic.vec(system.reevaluate(of, replaced)))

        found = _derivative(direct if immediate else total, {wrt: problem.shape(wrt)}, problem)
        return Estimate(found.value, float(np.linalg.norm(found.errors)))


class _Columns:
    """Derivatives, one column per perturbed entry, and the error bound of each column."""

    def __init__(self, parts: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self.value = np.concatenate([value for value, _ in parts], axis=1)
        self.errors = np.concatenate([errors for _, errors in parts])


def _derivative(
    evaluate: Evaluate, shapes: Mapping[Key, tuple[int, int]], problem: ForwardProblem
) -> _Columns:
    """Every column, by the best method that the functions allow."""
    safe = is_complex_safe(problem.definitions)
    parts = []
    for basis in _bases(shapes):
        if safe:
            part = _complex_step(evaluate, basis, problem)
            if np.isfinite(part[0]).all():
                parts.append(part)
                continue
            # Complex exp overflows where the real function is still finite.
        parts.append(_central(evaluate, basis, problem))
    return _Columns(parts)


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


def _complex_step(
    evaluate: Evaluate, basis: Shifts, problem: ForwardProblem
) -> tuple[np.ndarray, np.ndarray]:
    arithmetic = NumpyArithmetic(np.complex128, problem.seed)
    shifts = {key: 1j * COMPLEX_STEP * units for key, units in basis.items()}
    values = _batched(evaluate(arithmetic, shifts), basis)
    columns = values.imag[..., 0].T / COMPLEX_STEP
    errors = ROUNDINGS * arithmetic.epsilon * np.linalg.norm(columns, axis=0)
    return columns, errors


def _central(
    evaluate: Evaluate, basis: Shifts, problem: ForwardProblem
) -> tuple[np.ndarray, np.ndarray]:
    arithmetic = NumpyArithmetic(np.longdouble, problem.seed)
    # Balances the truncation error h⁸ against the rounding error ε/h.
    step = np.longdouble(arithmetic.epsilon) ** (np.longdouble(1) / 9)
    sums = {order: np.longdouble(0) for order in STENCILS}
    scale = 0.0
    for offset in range(1, 5):
        up, down = (
            _batched(
                evaluate(arithmetic, {k: sign * offset * step * u for k, u in basis.items()}),
                basis,
            )
            for sign in (1, -1)
        )
        scale = max(scale, float(np.max(np.abs(up), initial=0.0)))
        for order, stencil in STENCILS.items():
            above, below = stencil.get(offset, (0, 1))
            sums[order] = sums[order] + np.longdouble(above) / below * (up - down)
    finer, coarser = (np.asarray(sums[k] / step)[..., 0].T for k in (8, 6))
    rounding = ROUNDINGS * arithmetic.epsilon * scale / float(step)
    # The order-6 result differs by its own truncation error, which exceeds that of order 8.
    errors = np.linalg.norm((finer - coarser).astype(float), axis=0) + rounding
    return finer.astype(float), errors


def _batched(values: np.ndarray, basis: Shifts) -> np.ndarray:
    """A value that no perturbation reached has no batch axis yet."""
    size = len(next(iter(basis.values())))
    return np.broadcast_to(values, (size, *values.shape[-2:]))
