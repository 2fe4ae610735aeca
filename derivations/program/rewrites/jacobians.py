"""Jacobians as arrays: products that scale rows or columns instead of multiplying matrices."""

from __future__ import annotations

from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import rebuilt
from derivations.calculus.reverse import selector
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Diag, Scale
from derivations.expressions.traverse import operands
from derivations.program.rewrites.naming import Values, added
from derivations.program.values import Value


def sliced(node: MatrixExpr, values: Values, owner: Value) -> MatrixExpr:
    """The same matrix: neighbouring diagonals are one, and a product with a stack of diagonals,
    [W; U]ᵀ [diag(a); diag(b)], is Wᵀ diag(a) + Uᵀ diag(b).

    Args:
        values: given the parts of stacked weights.
        owner: the value that the matrix is about.
    """
    parts = tuple(sliced(part, values, owner) for part in operands(node))
    if isinstance(node, MatMul):
        return _product(list(parts), values, owner)
    if isinstance(node, MatAdd):
        diagonals = [part.vector for part in parts if isinstance(part, Diag)]
        others = [part for part in parts if not isinstance(part, Diag)]
        return build.add(*others, *([build.diag(build.add(*diagonals))] if diagonals else []))
    return rebuilt(node, parts) if parts else node


def _product(factors: list[MatrixExpr], values: Values, owner: Value) -> MatrixExpr:
    kept: list[MatrixExpr] = []
    for factor in factors:
        if kept and isinstance(kept[-1], Diag) and isinstance(factor, Diag):
            kept[-1] = build.diag(build.hadamard(kept[-1].vector, factor.vector))
        else:
            kept.append(factor)
    last = kept[-1]
    if len(kept) < 2 or not isinstance(last, Blocks) or last.across > 1:
        return build.matmul(*kept)
    blocks = last.blocks
    if not all(build.is_zero(block) or _is_diagonal(block) for block in blocks):
        return build.matmul(*kept)
    heights = [block.shape[0] for block in blocks]
    left = build.transpose(build.matmul(*kept[:-1]))
    terms = []
    for place, block in enumerate(blocks):
        if build.is_zero(block):
            continue
        rows = build.matmul(selector(heights, place), left)
        part = added(values, f"{owner.name}_rows", rows, owner.ranges, owner.role, True)
        terms.append(build.matmul(build.transpose(part), block))
    return build.add(*terms)


def _is_diagonal(node: MatrixExpr) -> bool:
    return isinstance(node, Diag) or (isinstance(node, Scale) and _is_diagonal(node.matrix))
