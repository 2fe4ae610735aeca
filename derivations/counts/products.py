"""What a chain of matrix products takes, with zeros and ones that nobody multiplies left out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from itertools import pairwise
from typing import Any

from sympy import Expr, Integer
from sympy.matrices.expressions import Identity, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes

NOTHING = Integer(0)


def entries(expr: MatrixExpr) -> Expr:
    """Rows times columns."""
    rows, cols = expr.shape
    return rows * cols


def is_sign(expr: MatrixExpr) -> bool:
    """Whether multiplying by it takes nothing: 1 or -1."""
    return isinstance(expr, nodes.Constant) and abs(expr.value) == 1


def chain(factors: Sequence[MatrixExpr], far: int) -> Expr:
    """A chain multiplied up from its first factor; ``far`` is the side that it grows on."""
    total, near = NOTHING, factors[0].shape[1 - far]
    for position, (before, factor) in enumerate(pairwise(factors)):
        first = position == 0
        if before.shape[far] == 1 and (is_sign(factor) or (first and is_sign(before))):
            continue  # a column of ones repeats what it is multiplied with
        if first and _is_structured(before) and not _is_structured(factor):
            total += _times(before, factor.shape[far])
        else:
            total += _times(factor, near)
    return total


def _is_structured(expr: MatrixExpr) -> bool:
    return _times(expr, Integer(1)) != entries(expr)


@singledispatch
def _times(factor: Any, width: Expr) -> Expr:
    """A matrix times another one that has ``width`` columns (rows, from the other side)."""
    return entries(factor) * width


@_times.register(Identity)
@_times.register(ZeroMatrix)
@_times.register(nodes.Commutation)
@_times.register(nodes.Diagonalizer)
def _(factor: Any, width: Expr) -> Expr:
    return NOTHING


@_times.register
def _(factor: Transpose, width: Expr) -> Expr:
    return _times(factor.arg, width)


@_times.register
def _(factor: nodes.Diag, width: Expr) -> Expr:
    return factor.shape[0] * width


@_times.register
def _(factor: nodes.Blocks, width: Expr) -> Expr:
    return sum((_times(block, width) for block in factor.blocks), NOTHING)


@_times.register
def _(factor: nodes.DirectSum, width: Expr) -> Expr:
    return (factor.upper - factor.lower + 1) * _times(factor.body, width)


@_times.register
def _(factor: nodes.Kron, width: Expr) -> Expr:
    """(A ⊗ B) vec X is vec(B X Aᵀ)."""
    left, right = factor.left, factor.right
    inner = _times(right, left.shape[1]) + _times(left, right.shape[0])
    return inner * width
