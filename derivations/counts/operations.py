"""What one operation costs: one rule per node kind, operands not included.

A product of a×b and b×c takes abc multiply-adds. An elementwise product takes one per entry, and
so does an addition that follows no product; one that does is the second half of a multiply-add. A
function value is one entry of an elementwise function, one exponential, one quotient.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from sympy import Expr
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.counts.products import NOTHING, chain, entries, is_sign
from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.expressions.traverse import operands


@dataclass(frozen=True)
class Work:
    """Operations by kind.

    Attributes:
        calls: how often each arbitrary map, or derivative of one, is asked for.
    """

    multiply_adds: Expr = NOTHING
    functions: Expr = NOTHING
    calls: Counter[str] = field(default_factory=Counter)


@singledispatch
def work(node: Any) -> Work:
    """The operations of one node, those of its operands not included.

    Raises:
        MissingRule: a node kind has no rule.
    """
    raise MissingRule("operation count", type(node).__name__)


for _free in (
    nodes.Variable, nodes.Adjoint, nodes.Tangent, nodes.Jacobian, nodes.Constant, Identity,
    ZeroMatrix, Transpose, nodes.Diag, nodes.Blocks, nodes.Entry, nodes.Vec, nodes.Unvec,
    nodes.Commutation, nodes.Diagonalizer, nodes.DirectSum, nodes.Kron,
):  # fmt: skip
    # Leaves, constants and rearrangements; a Kronecker product is never formed, only applied.
    work.register(_free, lambda node: Work())


def is_product(expr: MatrixExpr) -> bool:
    """Whether the last operation is a multiplication, so that an addition joins it."""
    if isinstance(expr, nodes.Scale) and is_sign(expr.scalar):
        return is_product(expr.matrix)
    if isinstance(expr, MatMul | HadamardProduct | nodes.Scale | nodes.TimeSum):
        return bool(work(expr).multiply_adds != 0)
    return False


@work.register
def _(node: MatAdd) -> Work:
    # Entry by entry, one addition less than terms, and one less for each product.
    alone = [_filled(term) for term in node.args if not is_product(term)]
    additions = (sum(alone, NOTHING) - entries(node)).expand()
    return Work(NOTHING if additions.could_extract_minus_sign() else additions)


def _filled(term: MatrixExpr) -> Expr:
    """How many entries can differ from zero: blocks of a product's first factor leave some out."""
    first = operands(term)[0] if isinstance(term, MatMul) else term
    if not isinstance(first, nodes.Blocks):
        return entries(term)
    rows = [row[0].shape[0] for row in first.grid if any(b.func is not ZeroMatrix for b in row)]
    return sum(rows, NOTHING) * term.shape[1]


@work.register
def _(node: nodes.TimeSum) -> Work:
    """Of one turn of the loop."""
    return Work(NOTHING if is_product(node.body) else entries(node))


@work.register
def _(node: nodes.TimeProduct) -> Work:
    """Of one turn of the loop."""
    return Work(node.shape[0] ** 3)


@work.register
def _(node: HadamardProduct) -> Work:
    return Work((len(node.args) - 1) * entries(node))


@work.register
def _(node: nodes.Scale) -> Work:
    repeated = any(map(is_sign, operands(node)))
    return Work(NOTHING if repeated else entries(node))


@work.register
def _(node: nodes.Power) -> Work:
    if node.exponent.is_Integer and node.exponent > 0:
        return Work((node.exponent - 1) * entries(node))
    return Work(functions=entries(node))


@work.register
def _(node: nodes.MatrixPower) -> Work:
    return Work((node.exponent - 1) * node.shape[0] ** 3)


@work.register(nodes.Apply)
@work.register(nodes.Quotient)
def _(node: Any) -> Work:
    return Work(functions=entries(node))


@work.register
def _(node: nodes.Softmax) -> Work:
    return Work(entries(node), 2 * entries(node))


@work.register
def _(node: nodes.LogSumExp) -> Work:
    return Work(entries(node.arg), entries(node.arg) + 1)


@work.register
def _(node: nodes.LogSoftmax) -> Work:
    return Work(2 * entries(node), entries(node) + 1)


@work.register
def _(node: nodes.Map) -> Work:
    return Work(calls=Counter([node.name]))


@work.register
def _(node: nodes.MapPartial) -> Work:
    return Work(calls=Counter([f"derivative of {node.map.name}"]))


for _whole, _called in (
    (nodes.SpectralNorm, "spectral norm"),
    (nodes.SmallestSingular, "smallest singular value"),
    (nodes.Determinant, "determinant"),
    (nodes.MatrixExponential, "matrix exponential"),
):
    work.register(_whole, lambda node, called=_called: Work(calls=Counter([called])))


@work.register
def _(node: MatMul) -> Work:
    factors = operands(node)
    # From the side where a vector stands: A(Bv), not (AB)v.
    if factors[-1].shape[1] == 1:
        return Work(chain([*reversed(factors)], 0))
    return Work(chain(factors, 1))
