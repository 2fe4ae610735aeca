"""Sums and products that keep expressions in the form a mathematician would write.

Each drops what is trivially neutral (a zero term, an identity factor) and nothing else: order is
kept, nothing is expanded. Scalars stand in :class:`Scale`, so matrix products hold matrices only.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, S
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.node import made
from derivations.expressions.nodes import (
    Constant,
    Power,
    Quotient,
    Scale,
)

SCALAR = (S.One, S.One)


def is_scalar(expr: MatrixExpr) -> bool:
    """Whether the value is 1×1 whatever the sizes are."""
    # SymPy has one object for the integer 1.
    rows, cols = expr.shape
    return rows is S.One and cols is S.One


def is_zero(expr: MatrixExpr) -> bool:
    """Whether the expression is zero by its form."""
    return isinstance(expr, ZeroMatrix) or (isinstance(expr, Constant) and expr.value == 0)


def constant(value: object, rows: object = 1, cols: object = 1) -> Constant:
    """A matrix (1×1 unless told) whose every entry is ``value``."""
    return Constant(value, rows, cols)


def ones(rows: object, cols: object) -> Constant:
    """The matrix of ones."""
    return Constant(1, rows, cols)


def zeros(shape: tuple[Expr, Expr]) -> ZeroMatrix:
    """The zero matrix of a shape."""
    return ZeroMatrix(*shape)


def add(*terms: MatrixExpr) -> MatrixExpr:
    """Σ terms, in order, without the zeros; at least one term is needed for the shape."""
    flat: list[MatrixExpr] = []
    for term in terms:
        flat.extend(term.args if isinstance(term, MatAdd) else (term,))
    kept = [term for term in flat if not is_zero(term)]
    if not kept:
        return zeros(terms[0].shape)
    return kept[0] if len(kept) == 1 else made(MatAdd, *kept)


def scale(scalar: MatrixExpr, matrix: MatrixExpr) -> MatrixExpr:
    """A 1×1 value times a matrix; numbers are gathered in front."""
    if is_zero(scalar) or is_zero(matrix):
        return zeros(matrix.shape)
    if isinstance(matrix, Identity) and is_scalar(matrix):
        return scalar
    if isinstance(scalar, Scale):
        return scale(scalar.scalar, scale(scalar.matrix, matrix))
    if isinstance(scalar, Constant):
        if scalar.value == 1:
            return matrix
        if isinstance(matrix, Constant):
            return Constant(scalar.value * matrix.value, *matrix.shape)
        if isinstance(matrix, Scale) and isinstance(matrix.scalar, Constant):
            return scale(constant(scalar.value * matrix.scalar.value), matrix.matrix)
    elif isinstance(matrix, Scale) and isinstance(matrix.scalar, Constant):
        return scale(matrix.scalar, scale(scalar, matrix.matrix))
    elif isinstance(matrix, Constant) and is_scalar(matrix):
        return scale(matrix, scalar)
    return Scale(scalar, matrix)


def negative(expr: MatrixExpr) -> MatrixExpr:
    """-expr, pushed into the terms of a sum."""
    if isinstance(expr, MatAdd):
        return add(*(negative(term) for term in expr.args))
    return scale(constant(-1), expr)


def subtract(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """left - right."""
    return add(left, negative(right))


def _take_scalars(
    factors: Iterable[MatrixExpr],
) -> tuple[list[MatrixExpr], list[MatrixExpr]]:
    """Split factors into their 1×1 parts and the matrices that remain."""
    scalars: list[MatrixExpr] = []
    matrices: list[MatrixExpr] = []
    for factor in factors:
        while isinstance(factor, Scale):
            scalars.append(factor.scalar)
            factor = factor.matrix
        if isinstance(factor, Identity) and is_scalar(factor):
            factor = constant(1)
        (scalars if is_scalar(factor) else matrices).append(factor)
    return scalars, matrices


def _scaled(scalars: list[MatrixExpr], body: MatrixExpr | None) -> MatrixExpr:
    """The product of 1×1 values and at most one matrix."""
    parts = list(scalars)
    result = parts.pop() if body is None else body
    while parts:
        result = scale(parts.pop(), result)
    return result


def matmul(*factors: MatrixExpr) -> MatrixExpr:
    """The matrix product, flattened; 1×1 factors scale, identities vanish, a zero wins."""
    flat: list[MatrixExpr] = []
    for factor in factors:
        whole = is_scalar(factor) or not isinstance(factor, MatMul)
        flat.extend((factor,) if whole else factor.args)
    rows, cols = factors[0].shape[0], factors[-1].shape[1]
    scalars, matrices = _take_scalars(flat)
    if any(map(is_zero, scalars + matrices)):
        return zeros((_outer(factors, rows, 0), _outer(factors, cols, 1)))
    kept = [factor for factor in matrices if not isinstance(factor, Identity)]
    if not kept and not matrices:
        return _scaled(scalars, None)
    body = kept[0] if len(kept) == 1 else made(MatMul, *kept) if kept else matrices[0]
    return _scaled(scalars, body)


def _outer(factors: tuple[MatrixExpr, ...], default: Expr, side: int) -> Expr:
    """Rows (side 0) or columns (side 1) of a product in which 1×1 factors scale."""
    ordered = factors if side == 0 else tuple(reversed(factors))
    for factor in ordered:
        if not is_scalar(factor):
            return factor.shape[side]
    return default


def hadamard(*factors: MatrixExpr) -> MatrixExpr:
    """The elementwise product, flattened; 1×1 factors scale, ones vanish, a zero wins."""
    flat: list[MatrixExpr] = []
    for factor in factors:
        flat.extend(factor.args if isinstance(factor, HadamardProduct) else (factor,))
    scalars, matrices = _take_scalars(flat)
    if any(map(is_zero, scalars + matrices)):
        return zeros(next((f.shape for f in flat if not is_scalar(f)), SCALAR))
    kept = [factor for factor in matrices if not isinstance(factor, Constant)]
    numbers = [factor for factor in matrices if isinstance(factor, Constant)]
    if numbers and not kept:
        kept, numbers = numbers[:1], numbers[1:]
    scalars = [constant(number.value) for number in numbers] + scalars
    if not kept:
        return _scaled(scalars, None)
    body = kept[0] if len(kept) == 1 else made(HadamardProduct, *kept)
    return _scaled(scalars, body)


def quotient(numerator: MatrixExpr, denominator: MatrixExpr) -> MatrixExpr:
    """numerator / denominator, elementwise or by a 1×1 value."""
    if is_zero(numerator):
        return numerator
    if isinstance(denominator, Constant):
        return hadamard(numerator, constant(1 / denominator.value))
    return Quotient(numerator, denominator)


def power(base: MatrixExpr, exponent: object) -> MatrixExpr:
    """base ** exponent, elementwise."""
    if exponent == 1:
        return base
    if exponent == 0:
        return ones(*base.shape)
    return Power(base, exponent)
