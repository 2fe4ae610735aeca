"""One JVP rule per node kind: from the tangents of the operands to the tangent of the value.

Legend: a dot marks a tangent, which has the shape of its value; a zero tangent is a
``ZeroMatrix`` and the constructors drop it. The rules are written apart from the VJP rules, so
each can be checked against the other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.reverse import around_factor, slope_of
from derivations.errors import MissingRule
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    Blocks,
    Constant,
    Diag,
    LogSoftmax,
    LogSumExp,
    Map,
    MapPartial,
    Power,
    Quotient,
    Scale,
    Softmax,
    TimeProduct,
    TimeSum,
    Unvec,
    Variable,
    Vec,
)
from derivations.expressions.traverse import contains, operands

Tangents = tuple[MatrixExpr, ...]


@singledispatch
def jvp(node: MatrixExpr, dots: Tangents) -> MatrixExpr:
    """The tangent of ``node``, given one tangent per operand.

    Raises:
        MissingRule: the node kind has no JVP rule.
    """
    raise MissingRule("JVP", type(node).__name__)


def pushforward(expr: MatrixExpr, seed: Callable[[Variable], MatrixExpr]) -> MatrixExpr:
    """The tangent of an expression when each variable's tangent is ``seed(variable)``."""
    if isinstance(expr, Variable):
        return seed(expr)
    if not contains(expr, Variable):
        return build.zeros(expr.shape)
    return jvp(expr, tuple(pushforward(operand, seed) for operand in operands(expr)))


@jvp.register(Constant)
@jvp.register(Identity)
@jvp.register(ZeroMatrix)
def _(node: MatrixExpr, dots: Tangents) -> MatrixExpr:
    return build.zeros(node.shape)


@jvp.register
def _(node: MatAdd, dots: Tangents) -> MatrixExpr:
    return build.add(*dots)


@jvp.register
def _(node: MatMul, dots: Tangents) -> MatrixExpr:
    return _product_rule(node, dots, build.matmul)


@jvp.register
def _(node: HadamardProduct, dots: Tangents) -> MatrixExpr:
    return _product_rule(node, dots, build.hadamard)


@jvp.register
def _(node: Scale, dots: Tangents) -> MatrixExpr:
    return _product_rule(node, dots, build.scale)


def _product_rule(
    node: MatrixExpr, dots: Tangents, product: Callable[..., MatrixExpr]
) -> MatrixExpr:
    """d(ab…) = (da)b… + a(db)… + …"""
    args = node.args
    return build.add(
        *(product(*args[:i], dot, *args[i + 1 :]) for i, dot in enumerate(dots)),
    )


@jvp.register
def _(node: Transpose, dots: Tangents) -> MatrixExpr:
    return build.transpose(dots[0])


@jvp.register
def _(node: Quotient, dots: Tangents) -> MatrixExpr:
    change = build.subtract(dots[0], build.hadamard(node, dots[1]))
    return build.quotient(change, node.denominator)


@jvp.register
def _(node: Power, dots: Tangents) -> MatrixExpr:
    slope = build.scale(build.constant(node.exponent), build.power(node.base, node.exponent - 1))
    return build.hadamard(slope, dots[0])


@jvp.register
def _(node: Apply, dots: Tangents) -> MatrixExpr:
    return build.add(
        *(
            build.broadcast(build.hadamard(slope_of(node, i), dot), node.shape)
            for i, dot in enumerate(dots)
        )
    )


@jvp.register
def _(node: Softmax, dots: Tangents) -> MatrixExpr:
    mean = build.inner(node, dots[0])
    return build.subtract(build.hadamard(node, dots[0]), build.scale(mean, node))


@jvp.register
def _(node: LogSoftmax, dots: Tangents) -> MatrixExpr:
    mean = build.inner(Softmax(node.arg), dots[0])
    return build.subtract(dots[0], build.broadcast(mean, node.shape))


@jvp.register
def _(node: LogSumExp, dots: Tangents) -> MatrixExpr:
    return build.inner(Softmax(node.arg), dots[0])


@jvp.register
def _(node: Map, dots: Tangents) -> MatrixExpr:
    moved = build.add(
        *(build.matmul(MapPartial(slot, node), build.vec(dot)) for slot, dot in enumerate(dots))
    )
    return build.unvec(moved, *node.shape)


@jvp.register
def _(node: Diag, dots: Tangents) -> MatrixExpr:
    return build.diag(dots[0])


@jvp.register
def _(node: Blocks, dots: Tangents) -> MatrixExpr:
    rows = [dots[i * node.across : (i + 1) * node.across] for i in range(node.down)]
    return build.blocks(rows)


@jvp.register
def _(node: Vec, dots: Tangents) -> MatrixExpr:
    return build.vec(dots[0])


@jvp.register
def _(node: Unvec, dots: Tangents) -> MatrixExpr:
    return build.unvec(dots[0], *node.shape)


@jvp.register
def _(node: TimeSum, dots: Tangents) -> MatrixExpr:
    if build.is_zero(dots[0]):
        return dots[0]
    return TimeSum(dots[0], *node.args[1:])


@jvp.register
def _(node: TimeProduct, dots: Tangents) -> MatrixExpr:
    if build.is_zero(dots[0]):
        return dots[0]
    left, right = around_factor(node)
    return TimeSum(build.matmul(left, dots[0], right), node.index, node.lower, node.upper)
