"""Products of several matrices: from which side, and what never becomes a matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import singledispatch
from itertools import pairwise
from typing import Any

from sympy.matrices.expressions import Identity, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build, nodes
from derivations.render.code.assembling import filled, stacked
from derivations.render.code.code import (
    ADD,
    ATOM,
    MULTIPLY,
    Code,
    has_axis,
    joined,
    number,
    transposed,
    tuple_text,
)
from derivations.render.code.functions import pulled_back
from derivations.render.code.products import product
from derivations.render.code.scope import Scope

Lower = Callable[[MatrixExpr, Scope], Code]


def chain(factors: Sequence[MatrixExpr], scope: Scope, lower: Lower, dense: Lower) -> Code:
    """A product: an outer product from its two sides, else towards the vector at one end."""
    for place, (left, right) in enumerate(pairwise(factors)):
        if left.shape[1] == 1 and right.shape[0] == 1 and right.shape[1] != 1:
            sides = factors[: place + 1], factors[place + 1 :]
            found = [chain(side, scope, lower, dense) for side in sides]
            return product(found[0], found[1], scope.labels)
    if len(factors) == 1:
        return dense(factors[0], scope)
    if factors[0].shape[0] == 1 and factors[-1].shape[1] != 1:
        flipped = [build.transpose(factor) for factor in reversed(factors)]
        return transposed(chain(flipped, scope, lower, dense))
    last = factors[-1]
    if isinstance(last, nodes.Diag):
        # M diag(v) scales the columns of M.
        row = replace(dense(last.vector, scope), rows=True, cols=True)
        row = replace(row, text=f"{row.atom}[..., None, :]", level=ATOM)
        left = chain(factors[:-1], scope, lower, dense)
        return joined((left, row), scope.labels, "*", MULTIPLY)
    result = dense(last, scope)
    for factor in reversed(factors[:-1]):
        result = _times(factor, result, scope, lower, dense)
    return result


@singledispatch
def _times(factor: Any, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    """A matrix times what stands right of it."""
    return product(dense(factor, scope), right, scope.labels)


@_times.register
def _(factor: nodes.Diag, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    vector = dense(factor.vector, scope)
    column = replace(vector, rows=True, cols=False)
    if right.rank == 2:
        column = replace(column, text=f"{column.atom}[..., None]", level=ATOM, cols=True)
    return joined((column, right), scope.labels, "*", MULTIPLY)


@_times.register
def _(factor: nodes.Constant, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    """Ones times a column add its entries up."""
    if factor.shape[0] != 1 or not right.rows:
        return product(dense(factor, scope), right, scope.labels)
    axis = -2 if right.cols else -1
    total = replace(right, text=f"{right.atom}.sum({axis})", level=ATOM, rows=False)
    if factor.value == 1:
        return total
    return joined((lower(build.constant(factor.value), scope), total), scope.labels, "*", MULTIPLY)


@_times.register
def _(factor: Transpose, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    if isinstance(factor.arg, nodes.MapPartial):
        return pulled_back(factor.arg, right, scope, dense)
    return product(dense(factor, scope), right, scope.labels)


@_times.register
def _(factor: nodes.MapPartial, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    if not build.is_scalar(factor):
        return product(dense(factor, scope), right, scope.labels)
    return pulled_back(factor, right, scope, dense)


@_times.register
def _(factor: nodes.Blocks, right: Code, scope: Scope, lower: Lower, dense: Lower) -> Code:
    """Block by block: a block of zeros is left out, an identity picks rows."""
    widths = [block.shape[1] for block in factor.grid[0]]
    starts = [sum(widths[:k], start=widths[0] * 0) for k in range(len(widths) + 1)]
    axis = "" if not right.cols else ", :"
    run = _run(factor)
    if run is not None and len(widths) > 1:
        low, high = scope.number(starts[run]), scope.number(starts[run + factor.down])
        return replace(right, text=f"{right.atom}[..., {low}:{high}{axis}]", level=ATOM)
    rows = []
    for row in factor.grid:
        total: Code | None = None
        for place, block in enumerate(row):
            if isinstance(block, ZeroMatrix):
                continue
            low, high = scope.number(starts[place]), scope.number(starts[place + 1])
            part = right
            if len(row) > 1:
                part = replace(right, text=f"{right.atom}[..., {low}:{high}{axis}]", level=ATOM)
                if not has_axis(block.shape[1]):
                    part = replace(
                        right, text=f"{right.atom}[..., {low}{axis}]", level=ATOM, rows=False
                    )
            found = (
                part if isinstance(block, Identity) else _times(block, part, scope, lower, dense)
            )
            total = found if total is None else joined((total, found), scope.labels, "+", ADD)
        if total is None:
            height = row[0].shape[0]
            wide = right.cols
            cols = (scope.number(height),) if has_axis(height) else ()
            if wide:
                total = _zero_like(right, cols, scope)
            else:
                total = filled(number(0), (height, build.SCALAR[0]), scope)
        rows.append(total)
    if len(rows) == 1:
        return rows[0]
    return replace(stacked(rows, -2 if right.cols else -1, scope), rows=True, cols=right.cols)


def _run(factor: nodes.Blocks) -> int | None:
    """Where the run of rows begins that a block matrix of zeros and identities picks."""
    grid = factor.grid
    picked = [[k for k, b in enumerate(row) if not isinstance(b, ZeroMatrix)] for row in grid]
    first = picked[0][0] if len(picked[0]) == 1 else None
    if first is None or picked != [[first + k] for k in range(factor.down)]:
        return None
    whole = all(isinstance(row[k[0]], Identity) for row, k in zip(grid, picked, strict=True))
    return first if whole and has_axis(factor.shape[0]) else None


def _zero_like(right: Code, height: tuple[str, ...], scope: Scope) -> Code:
    """Rows of zeros as wide as ``right``."""
    width = f"{right.atom}.shape[-1]"
    text = scope.dialect.filled(tuple_text([*height, width]), "0.0")
    return Code(text, ATOM, rows=bool(height), cols=True)
