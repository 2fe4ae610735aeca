"""The derivative of an expression in one of its real indices, by differences and by JAX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from sympy import Symbol
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Constant, Scale, Variable
from derivations.expressions.traverse import operands, with_operands
from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate import System
from verify.oracles.differences import STENCILS

Derivative = Callable[[MatrixExpr, Symbol, Mapping[Symbol, Any], Arithmetic], Array]
ORDER = 8


def by_differences(
    expr: MatrixExpr, index: Symbol, env: Mapping[Symbol, Any], arithmetic: Arithmetic
) -> Array:
    """Central differences of order 8 in the given number system.

    The step is a power of two that balances the truncation error h⁸ against the rounding error
    ε/h, so the result loses an eighth of the digits and improves with the precision.
    """
    step = Fraction(1, 2 ** round(-math.log2(arithmetic.epsilon) / (ORDER + 1)))
    total: Array = 0
    for offset, (above, below) in STENCILS[ORDER].items():
        ahead, behind = (
            _value(expr, {**env, index: env[index] + sign * offset * step}, arithmetic)
            for sign in (1, -1)
        )
        weight = arithmetic.number(Fraction(above, below) / step)
        total = total + weight * (ahead - behind)
    return total


def by_autodiff(
    expr: MatrixExpr, index: Symbol, env: Mapping[Symbol, Any], arithmetic: Arithmetic
) -> Array:
    """Forward mode of JAX in float64, whatever the number system of the other side."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from verify.oracles.jax_arithmetic import JaxArithmetic

    moving = Variable(f"moving {index}", (), 1, 1)
    moved = _in_variable(expr, index, moving)

    def value(position: Any) -> Any:
        system = System((), JaxArithmetic(), {}, dict(env), lambda key: position)
        return system.evaluate(moved)

    with jax.enable_x64(True):
        at = jnp.full((1, 1), float(env[index]))
        _, slope = jax.jvp(value, (at,), (jnp.ones((1, 1)),))
        return np.asarray(slope)


def _value(expr: MatrixExpr, env: Mapping[Symbol, Any], arithmetic: Arithmetic) -> Array:
    def none_free(key: object) -> Any:
        raise ValueError(f"{key} has no definition, so its derivative is not known")

    return System((), arithmetic, {}, dict(env), none_free).evaluate(expr)


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


DERIVATIVES: dict[str, Derivative] = {"differences": by_differences, "autodiff": by_autodiff}
"""Every method that knows the value of a derivative."""
