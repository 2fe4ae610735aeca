"""One VJP rule per node kind: from the cotangent of a value to the cotangents of its operands.

Legend: Ω is the node's own value, G its cotangent (same shape), and a rule returns one cotangent
per operand, each with the shape of that operand. Under a sum or product over time the operand's
cotangent may mention the bound index; :func:`contributions` keeps the range beside it.
Source of the matrix rules: Giles 2008, "Collected matrix derivative results", section 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch

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

from derivations.cell import Range
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
from derivations.expressions.traverse import (
    BINDERS,
    bound_indices,
    contains,
    fresh_index,
    operands,
    substitute,
    symbols_of,
)

Cotangents = tuple[MatrixExpr, ...]


@singledispatch
def vjp(node: MatrixExpr, cotangent: MatrixExpr) -> Cotangents:
    """The cotangents of the operands of ``node``, given its own.

    Raises:
        MissingRule: the node kind has no VJP rule.
    """
    raise MissingRule("VJP", type(node).__name__)


@vjp.register(Constant)
@vjp.register(Identity)
@vjp.register(ZeroMatrix)
def _(node: MatrixExpr, cotangent: MatrixExpr) -> Cotangents:
    return ()


@vjp.register
def _(node: MatAdd, cotangent: MatrixExpr) -> Cotangents:
    return (cotangent,) * len(node.args)


@vjp.register
def _(node: MatMul, cotangent: MatrixExpr) -> Cotangents:
    def around(i: int) -> MatrixExpr:
        before = tuple(build.transpose(f) for f in reversed(node.args[:i]))
        after = tuple(build.transpose(f) for f in reversed(node.args[i + 1 :]))
        return build.matmul(*before, cotangent, *after)

    return tuple(around(i) for i in range(len(node.args)))


@vjp.register
def _(node: HadamardProduct, cotangent: MatrixExpr) -> Cotangents:
    return tuple(
        build.hadamard(cotangent, *node.args[:i], *node.args[i + 1 :])
        for i in range(len(node.args))
    )


@vjp.register
def _(node: Transpose, cotangent: MatrixExpr) -> Cotangents:
    return (build.transpose(cotangent),)


@vjp.register
def _(node: Scale, cotangent: MatrixExpr) -> Cotangents:
    return build.inner(node.matrix, cotangent), build.scale(node.scalar, cotangent)


@vjp.register
def _(node: Quotient, cotangent: MatrixExpr) -> Cotangents:
    over = build.quotient(cotangent, node.denominator)
    return over, build.negative(_fold(build.hadamard(over, node), node.denominator))


@vjp.register
def _(node: Power, cotangent: MatrixExpr) -> Cotangents:
    slope = build.scale(build.constant(node.exponent), build.power(node.base, node.exponent - 1))
    return (build.hadamard(slope, cotangent),)


@vjp.register
def _(node: Apply, cotangent: MatrixExpr) -> Cotangents:
    def through(i: int) -> MatrixExpr:
        slope = slope_of(node, i)
        return _fold(build.hadamard(slope, cotangent), node.arguments[i])

    return tuple(through(i) for i in range(len(node.arguments)))


def slope_of(node: Apply, argument: int) -> Apply:
    """The elementwise partial derivative of an :class:`Apply` in one of its arguments."""
    orders = tuple(k + (i == argument) for i, k in enumerate(node.orders))
    return Apply(node.args[0], orders, *node.arguments)


def _fold(cotangent: MatrixExpr, operand: MatrixExpr) -> MatrixExpr:
    """Sum a cotangent over what a 1×1 operand was broadcast to."""
    return build.total(cotangent) if build.is_scalar(operand) else cotangent


@vjp.register
def _(node: Softmax, cotangent: MatrixExpr) -> Cotangents:
    mean = build.inner(node, cotangent)
    return (build.subtract(build.hadamard(node, cotangent), build.scale(mean, node)),)


@vjp.register
def _(node: LogSoftmax, cotangent: MatrixExpr) -> Cotangents:
    return (build.subtract(cotangent, build.scale(build.total(cotangent), Softmax(node.arg))),)


@vjp.register
def _(node: LogSumExp, cotangent: MatrixExpr) -> Cotangents:
    return (build.scale(cotangent, Softmax(node.arg)),)


@vjp.register
def _(node: Map, cotangent: MatrixExpr) -> Cotangents:
    upstream = build.vec(cotangent)
    return tuple(
        build.unvec(
            build.matmul(build.transpose(MapPartial(slot, node)), upstream), *argument.shape
        )
        for slot, argument in enumerate(node.arguments)
    )


@vjp.register
def _(node: Diag, cotangent: MatrixExpr) -> Cotangents:
    diagonal = _diagonal(cotangent)
    return (diagonal if node.vector.shape[1] == 1 else build.transpose(diagonal),)


def _diagonal(square: MatrixExpr) -> MatrixExpr:
    """The diagonal of a square matrix as a column; that of a bᵀ is a ⊙ b."""
    if isinstance(square, MatAdd):
        return build.add(*map(_diagonal, square.args))
    if isinstance(square, Scale):
        return build.scale(square.scalar, _diagonal(square.matrix))
    if isinstance(square, MatMul) and square.args[-1].shape[0] == 1:
        left = build.matmul(*square.args[:-1])
        return build.hadamard(left, build.transpose(square.args[-1]))
    size = square.shape[0]
    return build.matmul(HadamardProduct(square, Identity(size)), build.ones(size, 1))


@vjp.register
def _(node: Blocks, cotangent: MatrixExpr) -> Cotangents:
    heights = [row[0].shape[0] for row in node.grid]
    widths = [block.shape[1] for block in node.grid[0]]
    return tuple(
        build.matmul(selector(heights, i), cotangent, build.transpose(selector(widths, j)))
        for i in range(node.down)
        for j in range(node.across)
    )


def selector(sizes: Sequence[Expr], chosen: int) -> MatrixExpr:
    """The 0/1 block row that picks block ``chosen`` out of blocks of the given sizes."""
    height = sizes[chosen]
    return build.blocks(
        [[Identity(height) if i == chosen else ZeroMatrix(height, s) for i, s in enumerate(sizes)]]
    )


@vjp.register
def _(node: Vec, cotangent: MatrixExpr) -> Cotangents:
    return (build.unvec(cotangent, *node.matrix.shape),)


@vjp.register
def _(node: Unvec, cotangent: MatrixExpr) -> Cotangents:
    return (build.vec(cotangent),)


@vjp.register
def _(node: TimeSum, cotangent: MatrixExpr) -> Cotangents:
    return (cotangent,)


@vjp.register
def _(node: TimeProduct, cotangent: MatrixExpr) -> Cotangents:
    left, right = around_factor(node)
    return (build.matmul(build.transpose(left), cotangent, build.transpose(right)),)


def around_factor(node: TimeProduct) -> tuple[TimeProduct, TimeProduct]:
    """What stands left and right of the factor at ``node.index`` in an ordered product."""
    later = node.func(node.body, node.index, node.index + 1, node.upper, node.descending)
    earlier = node.func(node.body, node.index, node.lower, node.index - 1, node.descending)
    return (later, earlier) if node.descending else (earlier, later)


@dataclass(frozen=True)
class Contribution:
    """``cotangent`` flows to ``leaf`` once for every value of the binders' indices."""

    leaf: Variable
    cotangent: MatrixExpr
    binders: tuple[Range, ...]


def contributions(value: MatrixExpr, cotangent: MatrixExpr) -> Iterator[Contribution]:
    """Push a cotangent from the root of an expression down to each of its variables.

    Args:
        value: the expression that was evaluated.
        cotangent: its cotangent; same shape.

    Yields:
        One contribution per occurrence of a variable, left to right, zeros left out.
    """
    stack: list[tuple[MatrixExpr, MatrixExpr, tuple[Range, ...]]] = [(value, cotangent, ())]
    while stack:
        node, upstream, binders = stack.pop()
        if build.is_zero(upstream) or not contains(node, Variable):
            continue
        if isinstance(node, Variable):
            yield Contribution(node, upstream, binders)
            continue
        if isinstance(node, BINDERS):
            node = _apart(node, upstream, binders)
            binders = (*binders, Range(node.index, node.lower, node.upper))
        pairs = zip(operands(node), vjp(node, upstream), strict=True)
        stack.extend((operand, flow, binders) for operand, flow in reversed(list(pairs)))


def _apart(
    node: TimeSum | TimeProduct, upstream: MatrixExpr, binders: tuple[Range, ...]
) -> TimeSum | TimeProduct:
    """Rename the bound index of ``node`` where the cotangent or an outer binder uses its name."""
    outer = {r.index for r in binders} | symbols_of(upstream)
    if node.index not in outer:
        return node
    index = fresh_index(node.index.name, outer | symbols_of(node) | bound_indices(node))
    body = substitute(node.body, {node.index: index})
    return node.func(body, index, *node.args[2:])
