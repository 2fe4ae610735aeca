"""Equal expressions that stand in where the notation for the thing itself would mislead."""

from __future__ import annotations

from sympy.matrices.expressions import HadamardProduct, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Power, TimeProduct

LONGEST_POWER = 4
"""Entrywise powers of a matrix up to this one are written out."""


def entrywise_power(expr: Power) -> MatrixExpr | None:
    """``A ⊙ A`` for an entrywise square of a matrix, where A² would mean the matrix product."""
    count = expr.exponent
    if 1 in expr.shape or not count.is_Integer or not 2 <= count <= LONGEST_POWER:
        return None
    return HadamardProduct(*[expr.base] * int(count), evaluate=False)


def is_ascending(expr: TimeProduct) -> bool:
    """Whether the earliest time stands on the left, and matters there."""
    return not expr.descending and expr.shape != (1, 1)


def transposed_descending(expr: TimeProduct) -> MatrixExpr:
    """An ascending product as a descending one: A₁A₂A₃ = (A₃ᵀA₂ᵀA₁ᵀ)ᵀ."""
    body = expr.body.arg if expr.body.func is Transpose else Transpose(expr.body)
    return Transpose(TimeProduct(body, expr.index, expr.lower, expr.upper))
