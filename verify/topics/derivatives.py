"""The derivative of an expression in a variable or in a real index, by differences and by JAX.

An index that is differentiated in becomes a 1×1 variable first, so there is one way for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.expressions.nodes import Constant, Scale, Variable
from derivations.expressions.traverse import operands, with_operands
from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate import Key, System
from verify.oracles.differences import STENCILS
from verify.topics.points import Point, inlined

ORDER = 8


@dataclass(frozen=True)
class Moving:
    """An expression in which one variable moves, everything else fixed.

    Attributes:
        expr: without defined variables.
        key: what the evaluator calls the variable.
        base: the value that it moves around; exact numbers or doubles.
        env: values of indices and sizes.
        others: values of the other free variables.
    """

    expr: MatrixExpr
    key: Key
    base: np.ndarray
    env: Mapping[Symbol, Any]
    others: Callable[[Key], Any]

    def at(self, place: Array, arithmetic: Arithmetic) -> Array:
        """The value with the variable at ``place``."""

        def free(key: Key) -> Any:
            return place if key == self.key else self.others(key)

        return System((), arithmetic, {}, dict(self.env), free).evaluate(self.expr)

    def directions(self) -> Iterator[np.ndarray]:
        """One unit step for each entry, columns first."""
        rows, cols = self.base.shape
        for col in range(cols):
            for row in range(rows):
                step = np.zeros((rows, cols), dtype=np.int64)
                step[row, col] = 1
                yield step


def moving(cell: Cell, key: Key, point: Point) -> Moving:
    """What the ``Jacobian`` with this key differentiates.

    Raises:
        ValueError: no index or free variable has the name of the denominator.
    """
    _, above, steps, below, lower = key
    target = cell.defined[str(above)].target
    bound = dict(zip(target.steps, steps, strict=True))  # type: ignore[call-overload]  # a tuple
    env, expr = {**point.bindings, **bound}, inlined(target, cell)
    index = next((symbol for symbol in bound if str(symbol) == below), None)
    if index is not None:
        inner = Variable(f"moving {index}", (), 1, 1)
        base = np.full((1, 1), env[index], dtype=object)
        return Moving(
            _in_variable(expr, index, inner), ("variable", inner.name), base, env, point.free
        )
    if below not in cell.templates or below in cell.defined:
        raise ValueError(f"{above} has no index or free variable {below}")
    free = ("variable", below, *lower)  # type: ignore[misc]  # a tuple of steps
    return Moving(expr, free, point.free(free), env, point.free)


def by_differences(moved: Moving, arithmetic: Arithmetic) -> Array:
    """Central differences of order 8 in the given number system.

    The step is a power of two that balances the truncation error h⁸ against the rounding error
    ε/h, so the result loses an eighth of the digits and improves with the precision.
    """
    step = Fraction(1, 2 ** round(-math.log2(arithmetic.epsilon) / (ORDER + 1)))
    base = arithmetic.asarray(moved.base)
    return _columns([_slope(moved, base, unit, step, arithmetic) for unit in moved.directions()])


def _slope(
    moved: Moving, base: Array, unit: np.ndarray, step: Fraction, arithmetic: Arithmetic
) -> Array:
    total: Array = 0
    for offset, (above, below) in STENCILS[ORDER].items():
        shift = arithmetic.number(offset * step) * arithmetic.asarray(unit)
        ahead, behind = (moved.at(base + sign * shift, arithmetic) for sign in (1, -1))
        weight = arithmetic.number(Fraction(above, below) / step)
        total = total + weight * (ahead - behind)
    return arithmetic.vec(total)


def by_autodiff(moved: Moving, arithmetic: Arithmetic) -> Array:
    """Forward mode of JAX in float64, whatever the number system of the other side."""
    import jax
    import jax.numpy as jnp

    from verify.oracles.jax_arithmetic import JaxArithmetic

    numbers = JaxArithmetic()
    with jax.enable_x64(True):
        at = jnp.asarray(moved.base.astype(np.float64))

        def value(place: Any) -> Any:
            return moved.at(place, numbers)

        slopes = (jax.jvp(value, (at,), (jnp.asarray(u, at.dtype),))[1] for u in moved.directions())
        return _columns([np.asarray(numbers.vec(slope)) for slope in slopes])


def _columns(columns: Sequence[Array]) -> Array:
    return np.concatenate(columns, axis=-1)


def _in_variable(expr: MatrixExpr, index: Symbol, moving: Variable) -> MatrixExpr:
    """``expr`` with an index that stands in constants made a 1×1 variable.

    Raises:
        ValueError: a constant is not linear in the index.
    """
    if isinstance(expr, Constant) and expr.value.has(index):
        slope = expr.value.coeff(index)
        rest = (expr.value - slope * index).expand()
        if rest.has(index) or expr.shape != (1, 1):
            raise ValueError(f"{expr.value} is not linear in {index}")
        return MatAdd(Scale(Constant(slope, 1, 1), moving), Constant(rest, 1, 1))
    parts = operands(expr)
    changed = tuple(_in_variable(part, index, moving) for part in parts)
    return expr if changed == parts else with_operands(expr, changed)


DERIVATIVES: dict[str, Callable[[Moving, Arithmetic], Array]] = {
    "differences": by_differences,
    "autodiff": by_autodiff,
}
"""Every method that knows the value of a derivative."""
