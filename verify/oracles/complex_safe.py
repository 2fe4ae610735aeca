"""Which functions a complex step may pass through: found by trying each one, not by a list."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from sympy import Basic

from derivations.cell import Definition
from derivations.expressions.nodes import Apply
from derivations.functions import lookup
from verify.arithmetic.numpy import NumpyArithmetic

STEP = 1e-60
TRIAL_STEP = 1e-3
"""For the central difference of order 4 that the complex step is compared with."""
AGREEMENT = 1e-6
"""Far above the error of that difference, far below what a wrong branch costs."""

POINTS = np.array([-2.7, -1.3, -0.55, -0.21, 0.23, 0.47, 0.83, 1.21, 2.9])


def is_complex_safe(definitions: Iterable[Definition]) -> bool:
    """Whether every function in the equations passes the trial."""
    return all(_definition_is_safe(definition) for definition in definitions)


@lru_cache(maxsize=4096)
def _definition_is_safe(definition: Definition) -> bool:
    stack: list[Basic] = [piece.value for piece in definition.pieces]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply) and not function_is_safe(
            node.function, node.orders, len(node.arguments)
        ):
            return False
        stack.extend(node.args)
    return True


@lru_cache(maxsize=1024)
def function_is_safe(name: str, orders: tuple[int, ...], arguments: int) -> bool:
    """Whether Im f(x + ih)/h is the slope of ``name`` at points inside its domain.

    An arbitrary function is a sum of sines, which is analytic everywhere.
    """
    row = lookup(name)
    if row is None:
        return True
    real, complex_ = NumpyArithmetic(np.float64), NumpyArithmetic(np.complex128)
    inside = POINTS[[any(x - 0.1 in d and x + 0.1 in d for d in row.domain) for x in POINTS]]
    # Distinct second arguments keep max(x, x2) away from its kink.
    others = [inside[::-1] * 0.7 + 0.05 if k < row.arity else 0.3 + 0 * inside
              for k in range(1, arguments)]  # fmt: skip
    parameters = [other.reshape(-1, 1, 1) for other in others]
    x = inside.reshape(-1, 1, 1)

    def at(offset: float) -> np.ndarray:
        return np.asarray(real.apply(name, orders, [x + offset, *parameters]))

    with np.errstate(all="ignore"):
        stepped = complex_.apply(name, orders, [x + 1j * STEP, *parameters]).imag / STEP
        near, far = (at(k * TRIAL_STEP) - at(-k * TRIAL_STEP) for k in (1, 2))
        central = (8 * near - far) / (12 * TRIAL_STEP)
        same = np.abs(stepped - central) <= AGREEMENT * (1 + np.abs(central))
    return bool(inside.size) and bool(np.all(same))
