"""Sums over time and batch: the gradient of a parameter is one matrix product over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from sympy import Symbol
from sympy.matrices.expressions import MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.expressions import build
from derivations.expressions.nodes import Scale, TimeSum
from derivations.render.code.chains import chain
from derivations.render.code.code import ADD, ATOM, MULTIPLY, Code, aligned_code, joined, transposed
from derivations.render.code.lower import dense, lower
from derivations.render.code.scope import Scope


def total(node: MatrixExpr, scope: Scope, over: Sequence[Symbol] = ()) -> Code:
    """An expression summed over the axes ``over`` and over the batch."""
    if isinstance(node, MatAdd):
        parts = [total(term, scope, over) for term in node.args]
        return reduce(lambda a, b: joined((a, b), scope.labels, "+", ADD), parts)
    if isinstance(node, Transpose):
        return transposed(total(node.arg, scope, over))
    if isinstance(node, TimeSum):
        with scope.binding(Range(node.index, node.lower, node.upper)):
            return total(node.body, scope, (*over, node.index))
    if isinstance(node, Scale):
        factor = lower(node.scalar, scope)
        if factor.plain:
            return joined((factor, total(node.matrix, scope, over)), scope.labels, "*", MULTIPLY)
    if isinstance(node, MatMul):
        found = _outer(node, scope, over)
        if found is not None:
            return found
    return _summed(lower(node, scope), scope, over)


def _summed(code: Code, scope: Scope, over: Sequence[Symbol]) -> Code:
    missing = [scope.length(index) for index in over if index not in code.labels]
    if code.labels or code.batched:
        text = f"total({code.text}, {code.rank})"
        code = replace(code, text=text, level=ATOM, labels=(), batched=False)
    for length in missing:
        code = joined((code, Code(length, ADD, number=True)), (), "*", MULTIPLY)
    return code


def _outer(node: MatMul, scope: Scope, over: Sequence[Symbol]) -> Code | None:
    """Σ a bᵀ over all axes at once, where the product is one of a column and a row."""
    factors = node.args
    for place in range(len(factors) - 1):
        left, right = factors[: place + 1], factors[place + 1 :]
        if left[-1].shape[1] == 1 and right[0].shape[0] == 1 and not build.is_scalar(node):
            sides = [chain(side, scope, lower, dense) for side in (left, right)]
            labels = tuple(s for s in scope.labels if any(s in side.labels for side in sides))
            if set(labels) != set(over) or not any(side.batched for side in sides):
                return None
            if any(side.rank != 1 for side in sides):
                return None
            texts = [aligned_code(side, labels, 1).text for side in sides]
            return Code(f"outer_total({', '.join(texts)})", ATOM, rows=True, cols=True)
    return None
