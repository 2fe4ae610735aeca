"""Equal expressions that stand in where the notation for the thing itself would mislead."""

from __future__ import annotations

from functools import lru_cache, reduce, singledispatch

from sympy.matrices.expressions import HadamardProduct, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Constant, Power, Quotient, Scale, TimeProduct, TimeSum
from derivations.render.names import leads_negative

ONE = Constant(1, 1, 1)

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


@lru_cache(maxsize=1 << 14)
def unsigned(expr: MatrixExpr) -> tuple[bool, MatrixExpr]:
    """Whether a product or a sum over time is the negative of another one, and that one.

    Signs of factors, and of the body of a sum, come to the front: ``A (-B)`` is ``-A B``.
    """
    return _unsigned(expr)


@singledispatch
def _unsigned(expr: MatrixExpr) -> tuple[bool, MatrixExpr]:
    return False, expr


@_unsigned.register
def _(expr: Constant) -> tuple[bool, MatrixExpr]:
    if expr.shape != (1, 1) or not leads_negative(expr.value):
        return False, expr
    return True, Constant(-expr.value, 1, 1)


@_unsigned.register
def _(expr: Scale) -> tuple[bool, MatrixExpr]:
    minus, (scalar, matrix) = _factors((expr.scalar, expr.matrix))
    if (scalar, matrix) == (expr.scalar, expr.matrix):
        return False, expr
    return minus, matrix if scalar == ONE else Scale(scalar, matrix)


@_unsigned.register
def _(expr: MatMul) -> tuple[bool, MatrixExpr]:
    coefficient, matrices = expr.as_coeff_matrices()
    minus, found = _factors(tuple(matrices))
    if coefficient.could_extract_minus_sign():
        minus, coefficient = not minus, -coefficient
    elif found == tuple(matrices):
        return False, expr
    front = () if coefficient == 1 else (coefficient,)
    kept = [factor for factor in found if factor != ONE] or [ONE]
    return minus, MatMul(*front, *kept, evaluate=False) if len(front) + len(kept) > 1 else kept[0]


@_unsigned.register
def _(expr: HadamardProduct) -> tuple[bool, MatrixExpr]:
    minus, found = _factors(expr.args)
    return minus, expr if found == expr.args else HadamardProduct(*found, evaluate=False)


@_unsigned.register
def _(expr: Quotient) -> tuple[bool, MatrixExpr]:
    minus, above = unsigned(expr.numerator)
    return minus, Quotient(above, expr.denominator) if minus else expr


@_unsigned.register
def _(expr: TimeSum) -> tuple[bool, MatrixExpr]:
    minus, body = unsigned(expr.body)
    return minus, TimeSum(body, *expr.args[1:]) if minus else expr


def _factors(given: tuple[MatrixExpr, ...]) -> tuple[bool, tuple[MatrixExpr, ...]]:
    """Factors without their signs, and whether an odd number of them had one."""
    pairs = [unsigned(factor) for factor in given]
    return reduce(bool.__xor__, (minus for minus, _ in pairs)), tuple(f for _, f in pairs)
