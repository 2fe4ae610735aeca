"""Constructors that keep expressions in the form a mathematician would write.

Sums and products are those of :mod:`derivations.expressions.arithmetic`; here are transposes,
blocks, Kronecker products, and what is built of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr
from sympy.matrices.expressions import Identity, MatAdd, MatMul, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.arithmetic import (
    SCALAR,
    add,
    constant,
    hadamard,
    is_scalar,
    is_zero,
    matmul,
    negative,
    ones,
    power,
    quotient,
    scale,
    subtract,
    zeros,
)
from derivations.expressions.node import made
from derivations.expressions.nodes import (
    Apply,
    Blocks,
    Constant,
    Diag,
    Entry,
    Kron,
    Scale,
    TimeSum,
    Unvec,
    Vec,
)

__all__ = [
    "SCALAR",
    "add",
    "apply",
    "blocks",
    "broadcast",
    "constant",
    "diag",
    "entry",
    "hadamard",
    "inner",
    "is_scalar",
    "is_zero",
    "kron",
    "matmul",
    "negative",
    "ones",
    "power",
    "quotient",
    "scale",
    "subtract",
    "total",
    "transpose",
    "unvec",
    "vec",
    "zeros",
]


def transpose(expr: MatrixExpr) -> MatrixExpr:
    """The transpose, pushed to where it is read most easily: (AB)ᵀ = BᵀAᵀ, diag(v)ᵀ = diag(v)."""
    if is_scalar(expr) or isinstance(expr, Diag | Identity):
        return expr
    if isinstance(expr, Transpose):
        return expr.arg
    if isinstance(expr, MatMul):
        return matmul(*(transpose(factor) for factor in reversed(expr.args)))
    if isinstance(expr, MatAdd):
        return add(*(transpose(term) for term in expr.args))
    if isinstance(expr, Scale):
        return scale(expr.scalar, transpose(expr.matrix))
    if isinstance(expr, TimeSum):
        return TimeSum(transpose(expr.body), *expr.args[1:])
    if isinstance(expr, Constant):
        return Constant(expr.value, *reversed(expr.shape))
    if isinstance(expr, ZeroMatrix):
        return ZeroMatrix(*reversed(expr.shape))
    if isinstance(expr, Kron):
        return Kron(transpose(expr.left), transpose(expr.right))
    if isinstance(expr, Blocks):
        flipped = [transpose(row[j]) for j in range(expr.across) for row in expr.grid]
        return Blocks(expr.across, expr.down, *flipped)
    return made(Transpose, expr)


def diag(vector: MatrixExpr) -> MatrixExpr:
    """diag(v); a number times a vector leaves its number outside."""
    if is_scalar(vector):
        return vector
    size = Diag(vector).shape[0]
    if is_zero(vector):
        return ZeroMatrix(size, size)
    if isinstance(vector, Constant):
        return scale(constant(vector.value), Identity(size))
    if isinstance(vector, Scale):
        return scale(vector.scalar, diag(vector.matrix))
    return Diag(vector)


def blocks(grid: Iterable[Iterable[MatrixExpr]]) -> MatrixExpr:
    """A block matrix from rows of blocks; one block stands for itself."""
    rows = [tuple(row) for row in grid]
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    flat = [block for row in rows for block in row]
    if all(map(is_zero, flat)):
        return zeros(Blocks(len(rows), len(rows[0]), *flat).shape)
    return Blocks(len(rows), len(rows[0]), *flat)


def kron(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """left ⊗ right; 1×1 factors scale."""
    if is_scalar(left) or is_scalar(right):
        scalar, matrix = (left, right) if is_scalar(left) else (right, left)
        if isinstance(scalar, Identity):
            return matrix
        return scale(scalar, matrix)
    if is_zero(left) or is_zero(right):
        return zeros(Kron(left, right).shape)
    if isinstance(left, Identity) and isinstance(right, Identity):
        return Identity(left.shape[0] * right.shape[0])
    return Kron(left, right)


def vec(matrix: MatrixExpr) -> MatrixExpr:
    """vec X; a column is its own vec."""
    if matrix.shape[1] == 1:
        return matrix
    return transpose(matrix) if matrix.shape[0] == 1 else Vec(matrix)


def unvec(vector: MatrixExpr, rows: Expr, cols: Expr) -> MatrixExpr:
    """The inverse of :func:`vec`."""
    if cols == 1:
        return vector
    return transpose(vector) if rows == 1 else Unvec(vector, rows, cols)


def total(expr: MatrixExpr) -> MatrixExpr:
    """The sum of all entries, 1×1."""
    rows, cols = expr.shape
    left = expr if rows == 1 else matmul(ones(1, rows), expr)
    return left if cols == 1 else matmul(left, ones(cols, 1))


def inner(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """⟨left, right⟩, the sum of all entries of the elementwise product, 1×1."""
    if is_scalar(left) and is_scalar(right):
        return scale(left, right)
    if left.shape[1] == 1:
        return matmul(transpose(left), right)
    return total(hadamard(left, right))


def broadcast(expr: MatrixExpr, shape: tuple[Expr, Expr]) -> MatrixExpr:
    """A 1×1 value repeated to a shape."""
    return expr if expr.shape == shape else scale(expr, ones(*shape))


def apply(function: str, orders: tuple[int, ...], *args: MatrixExpr) -> MatrixExpr:
    """An elementwise function (or a slope of it) of its arguments."""
    return Apply(function, orders, *args)


def entry(matrix: MatrixExpr, row: object, col: object) -> MatrixExpr:
    """One entry, 1×1; indices count from 1."""
    return matrix if is_scalar(matrix) else Entry(matrix, row, col)
