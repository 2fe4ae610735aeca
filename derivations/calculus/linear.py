"""From a tangent to a Jacobian: the matrix of an expression that is linear in tangents.

If ``expr`` is linear in its :class:`Tangent` leaves, and ``vec(leaf) = lookup(leaf) @ seed``,
then ``vec(expr) = coefficient(expr, lookup) @ seed``. With column vectors vec changes nothing
and the familiar rules remain: A ẋ ↦ A, a ⊙ ẋ ↦ diag(a). For matrices they are the rules of
Magnus & Neudecker 1979: vec(A X B) = (Bᵀ ⊗ A) vec X, vec(Xᵀ) = K vec X.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions import build
from derivations.expressions.nodes import (
    Blocks,
    Commutation,
    Diag,
    Diagonalizer,
    Quotient,
    Scale,
    Tangent,
    TimeSum,
    Unvec,
    Vec,
)
from derivations.expressions.traverse import contains, operands

Lookup = Callable[[Tangent], MatrixExpr]


@singledispatch
def coefficient(expr: MatrixExpr, lookup: Lookup) -> MatrixExpr:
    """The matrix M with vec(expr) = M·seed; shape (rows·cols of expr) × (size of the seed).

    Raises:
        MissingRule: a node kind that no JVP rule puts above a tangent.
    """
    raise MissingRule("Jacobian", type(expr).__name__)


def _moving(expr: MatrixExpr) -> int:
    """Position of the one operand of a product that holds the tangent."""
    found = [i for i, operand in enumerate(operands(expr)) if contains(operand, Tangent)]
    if len(found) != 1:
        raise MissingRule("Jacobian", f"{type(expr).__name__} with {len(found)} tangents")
    return found[0]


@coefficient.register
def _(expr: Tangent, lookup: Lookup) -> MatrixExpr:
    return lookup(expr)


@coefficient.register
def _(expr: MatAdd, lookup: Lookup) -> MatrixExpr:
    return build.add(*(coefficient(term, lookup) for term in expr.args))


@coefficient.register
def _(expr: MatMul, lookup: Lookup) -> MatrixExpr:
    i = _moving(expr)
    matrix = coefficient(expr.args[i], lookup)
    middle = expr.args[i]
    left = build.matmul(*expr.args[:i], Identity(middle.shape[0]))
    if i + 1 == len(expr.args):
        around = build.kron(Identity(middle.shape[1]), left)
    else:
        right = build.matmul(*expr.args[i + 1 :], Identity(expr.shape[1]))
        around = build.kron(build.transpose(right), left)
    return _compose(around, matrix)


def _compose(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """left @ right for Jacobians; a 1×1 factor is a number and an identity is silent."""
    if isinstance(left, Identity):
        return right
    if isinstance(right, Identity):
        return left
    return build.matmul(left, right)


@coefficient.register
def _(expr: HadamardProduct, lookup: Lookup) -> MatrixExpr:
    i = _moving(expr)
    rest = build.hadamard(*expr.args[:i], *expr.args[i + 1 :])
    return _compose(build.diag(build.vec(rest)), coefficient(expr.args[i], lookup))


@coefficient.register
def _(expr: Scale, lookup: Lookup) -> MatrixExpr:
    if _moving(expr) == 1:
        return build.scale(expr.scalar, coefficient(expr.matrix, lookup))
    moved = coefficient(expr.scalar, lookup)
    if build.is_scalar(expr):
        return build.scale(expr.matrix, moved)
    return _compose(build.vec(expr.matrix), moved)


@coefficient.register
def _(expr: Quotient, lookup: Lookup) -> MatrixExpr:
    moved = coefficient(expr.numerator, lookup)
    one = build.constant(1)
    if build.is_scalar(expr.denominator):
        return build.scale(build.quotient(one, expr.denominator), moved)
    inverse = build.quotient(build.ones(*expr.shape), expr.denominator)
    return _compose(build.diag(build.vec(inverse)), moved)


@coefficient.register
def _(expr: Transpose, lookup: Lookup) -> MatrixExpr:
    moved = coefficient(expr.arg, lookup)
    return moved if 1 in expr.shape else _compose(Commutation(*expr.arg.shape), moved)


@coefficient.register
def _(expr: Diag, lookup: Lookup) -> MatrixExpr:
    return _compose(Diagonalizer(expr.shape[0]), coefficient(expr.vector, lookup))


@coefficient.register
def _(expr: Vec, lookup: Lookup) -> MatrixExpr:
    return coefficient(expr.matrix, lookup)


@coefficient.register
def _(expr: Unvec, lookup: Lookup) -> MatrixExpr:
    return coefficient(expr.vector, lookup)


@coefficient.register
def _(expr: TimeSum, lookup: Lookup) -> MatrixExpr:
    inner = coefficient(expr.body, lookup)
    return inner if build.is_zero(inner) else TimeSum(inner, *expr.args[1:])


@coefficient.register
def _(expr: Blocks, lookup: Lookup) -> MatrixExpr:
    """Σ over moving blocks of (placement of the block) · (its coefficient)."""
    from derivations.calculus.reverse import selector

    heights = [row[0].shape[0] for row in expr.grid]
    widths = [block.shape[1] for block in expr.grid[0]]
    if expr.across == 1 and widths[0] == 1:
        return _stacked(expr, lookup)
    placed = []
    for i, row in enumerate(expr.grid):
        for j, block in enumerate(row):
            if contains(block, Tangent):
                place = build.kron(
                    build.transpose(selector(widths, j)), build.transpose(selector(heights, i))
                )
                placed.append(_compose(place, coefficient(block, lookup)))
    return build.add(*placed)


def _stacked(expr: Blocks, lookup: Lookup) -> MatrixExpr:
    """A column of vectors: the coefficients are stacked the same way."""
    moved = [
        coefficient(block, lookup) if contains(block, Tangent) else None for block in expr.blocks
    ]
    width = next(m.shape[1] for m in moved if m is not None)
    rows = [
        build.zeros((block.shape[0], width)) if m is None else m
        for m, block in zip(moved, expr.blocks, strict=True)
    ]
    return build.blocks([row] for row in rows)
