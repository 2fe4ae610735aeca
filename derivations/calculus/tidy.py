"""Tidying what an expansion leaves: short products, block products, bounds that repeat."""

from __future__ import annotations

from functools import lru_cache

from sympy import Max, Min, Symbol
from sympy.matrices.expressions import Identity, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import rebuilt
from derivations.calculus.indices import largest, smallest
from derivations.cell import Cell, Range
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, TimeProduct, TimeSum
from derivations.expressions.traverse import (
    bound_indices,
    contains,
    fresh_index,
    operands,
    substitute,
    symbols_of,
    with_operands,
)


@lru_cache(maxsize=1 << 14)
def short_products(expr: MatrixExpr) -> MatrixExpr:
    """Write out ordered products of no, one or two factors."""
    parts = operands(expr)
    if parts:
        changed = tuple(short_products(part) for part in parts)
        if changed != parts:
            expr = rebuilt(expr, changed)
    if isinstance(expr, MatMul):
        expr = block_product(expr)
    if isinstance(expr, TimeProduct):
        if isinstance(expr.body, Identity):
            return expr.body
        count = (expr.upper - expr.lower + 1).expand()
        if count.is_number and count <= 2:
            steps = [expr.lower + k for k in range(max(int(count), 0))]
            factors = [substitute(expr.body, {expr.index: step}) for step in steps]
            if expr.descending:
                factors.reverse()
            return build.matmul(identity(expr), *factors)
    return expr


def block_product(expr: MatMul) -> MatrixExpr:
    """Multiply out neighbouring block matrices of which one is a single row or column."""
    factors = list(expr.args)
    for i in range(len(factors) - 1):
        left, right = factors[i], factors[i + 1]
        if not (isinstance(left, Blocks) and isinstance(right, Blocks)):
            continue
        widths = [block.shape[1] for block in left.grid[0]]
        if widths != [row[0].shape[0] for row in right.grid] or 1 not in (left.down, right.across):
            continue
        product = build.blocks(
            [
                build.add(*(build.matmul(a, b[j]) for a, b in zip(row, right.grid, strict=True)))
                for j in range(right.across)
            ]
            for row in left.grid
        )
        return short_products(build.matmul(*factors[:i], product, *factors[i + 2 :]))
    return expr


@lru_cache(maxsize=1 << 14)
def tidy_bounds(expr: MatrixExpr, known: tuple[Range, ...] = ()) -> MatrixExpr:
    """Drop what a bound ``Max(1, t)`` says twice where t is known to start at 1."""
    if not contains(expr, TimeSum, TimeProduct):
        return expr
    parts = operands(expr)
    if isinstance(expr, TimeSum | TimeProduct):
        lower = largest(expr.lower.args, known) if isinstance(expr.lower, Max) else expr.lower
        upper = smallest(expr.upper.args, known) if isinstance(expr.upper, Min) else expr.upper
        inside = (*known, Range(expr.index, lower, upper))
        return expr.func(tidy_bounds(expr.body, inside), expr.index, lower, upper, *expr.args[4:])
    return with_operands(expr, tuple(tidy_bounds(part, known) for part in parts))


def identity(product: TimeProduct) -> MatrixExpr:
    """The value of an empty product."""
    return Identity(product.shape[0])


def own_index(preferred: str, cell: Cell, *exprs: MatrixExpr) -> Symbol:
    """An index that none of the expressions uses, free or bound, and no variable is called."""
    taken = {Symbol(name, integer=True) for name in cell.templates}
    for expr in exprs:
        taken |= symbols_of(expr) | bound_indices(expr)
    return fresh_index(preferred, taken)
