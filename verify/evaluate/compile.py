"""One compile rule per node kind: an expression becomes closures that run in a frame.

A closure holds no number system and no size, so one compilation serves all of them. There is no
default: a kind without a rule raises :class:`~derivations.errors.MissingRule`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, reduce, singledispatch
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

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.expressions.traverse import LEAVES
from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate.binders import time_product, time_sum
from verify.evaluate.direct_sums import direct_sum
from verify.evaluate.frame import Compiled, Frame, Run, leaf_key
from verify.evaluate.indices import compile_index, compile_integer
from verify.evaluate.needs import compile_needs
from verify.evaluate.parts import Part
from verify.evaluate.square import determinant, matrix_power


@lru_cache(maxsize=8192)
def compile_expression(expr: MatrixExpr) -> Compiled:
    """Closures for the value of ``expr`` and for the leaves it reads; equal trees share them.

    Raises:
        MissingRule: a node kind has no rule.
    """
    return Compiled(_run(expr), compile_needs(expr))


@lru_cache(maxsize=1 << 12)
def _part(node: MatrixExpr) -> Part:
    return Part(node, _rule(node))


def _run(node: MatrixExpr) -> Run:
    if isinstance(node, LEAVES):
        return _rule(node)
    part = _part(node)
    part.uses += 1
    return part.run


@singledispatch
def _rule(node: Any) -> Run:
    raise MissingRule("evaluation", type(node).__name__)


def _size(expr: Expr) -> Callable[[Frame], int]:
    function = compile_integer(expr)
    return lambda frame: function(frame.env)


def _shaped(rows: Expr, cols: Expr, make: Callable[[Arithmetic, int, int], Array]) -> Run:
    down, across = compile_integer(rows), compile_integer(cols)
    return lambda frame: make(frame.arithmetic, down(frame.env), across(frame.env))


@_rule.register(nodes.Variable)
@_rule.register(nodes.Adjoint)
@_rule.register(nodes.Tangent)
@_rule.register(nodes.Jacobian)
def _(node: nodes.Leaf | nodes.Jacobian) -> Run:
    key = leaf_key(node)
    part = Part(node, lambda frame: frame.values[key(frame.env)])

    def run(frame: Frame) -> Array:
        return part.run(frame) if frame.spread else frame.values[key(frame.env)]

    return run


@_rule.register
def _(node: nodes.Constant) -> Run:
    value = compile_index(node.value)
    down, across = compile_integer(node.shape[0]), compile_integer(node.shape[1])
    return lambda frame: frame.arithmetic.full(value(frame.env), down(frame.env), across(frame.env))


@_rule.register
def _(node: Identity) -> Run:
    size = _size(node.shape[0])
    return lambda frame: frame.arithmetic.identity(size(frame))


@_rule.register
def _(node: ZeroMatrix) -> Run:
    rows, cols = node.shape
    return _shaped(rows, cols, lambda arithmetic, *shape: arithmetic.zeros(*shape))


@_rule.register
def _(node: nodes.Commutation) -> Run:
    rows, cols = node.args
    return _shaped(rows, cols, lambda arithmetic, *shape: arithmetic.commutation(*shape))


@_rule.register
def _(node: nodes.Diagonalizer) -> Run:
    size = _size(node.size)
    return lambda frame: frame.arithmetic.diagonalizer(size(frame))


@_rule.register
def _(node: MatAdd) -> Run:
    terms = [_run(term) for term in node.args]
    first, rest = terms[0], terms[1:]

    def run(frame: Frame) -> Array:
        add, total = frame.arithmetic.add, first(frame)
        for term in rest:
            total = add(total, term(frame))
        return total

    return run


@_rule.register
def _(node: MatMul) -> Run:
    # SymPy keeps scalar coefficients among the factors; they are index expressions.
    scalars = [compile_index(arg) for arg in node.args if not isinstance(arg, MatrixExpr)]
    factors = [_run(arg) for arg in node.args if isinstance(arg, MatrixExpr)]
    first, rest = factors[0], factors[1:]

    def run(frame: Frame) -> Array:
        matmul, total = frame.arithmetic.matmul, first(frame)
        for factor in rest:
            total = matmul(total, factor(frame))
        for scalar in scalars:
            number = frame.arithmetic.number(scalar(frame.env))
            total = frame.arithmetic.multiply(number, total)
        return total

    return run


@_rule.register
def _(node: HadamardProduct) -> Run:
    factors = [_run(factor) for factor in node.args]

    def run(frame: Frame) -> Array:
        return reduce(frame.arithmetic.multiply, [factor(frame) for factor in factors])

    return run


@_rule.register
def _(node: nodes.Scale) -> Run:
    scalar, matrix = _run(node.scalar), _run(node.matrix)
    return lambda frame: frame.arithmetic.multiply(scalar(frame), matrix(frame))


@_rule.register
def _(node: nodes.Quotient) -> Run:
    above, below = _run(node.numerator), _run(node.denominator)
    return lambda frame: frame.arithmetic.divide(above(frame), below(frame))


@_rule.register
def _(node: nodes.Power) -> Run:
    base, exponent = _run(node.base), compile_index(node.exponent)
    return lambda frame: frame.arithmetic.power(base(frame), exponent(frame.env))


_rule.register(nodes.MatrixPower, lambda node: matrix_power(node, _run(node.base)))
_rule.register(nodes.Determinant, lambda node: determinant(node, _run(node.arg)))


@_rule.register
def _(node: nodes.Apply) -> Run:
    function, orders = node.function, node.orders
    arguments = [_run(argument) for argument in node.arguments]
    if len(arguments) == 1:
        (only,) = arguments
        return lambda frame: frame.arithmetic.apply(function, orders, (only(frame),))
    return lambda frame: frame.arithmetic.apply(
        function, orders, [argument(frame) for argument in arguments]
    )


@_rule.register
def _(node: nodes.Map) -> Run:
    name, arguments = node.name, [_run(argument) for argument in node.arguments]
    steps = [compile_integer(step) for step in node.steps]
    return _shaped_call(
        node.shape,
        lambda frame, rows, cols: frame.arithmetic.map(
            name,
            tuple([step(frame.env) for step in steps]),
            rows,
            cols,
            [argument(frame) for argument in arguments],
        ),
    )


@_rule.register
def _(node: nodes.MapPartial) -> Run:
    map_, slot = node.map, node.slot
    name, arguments = map_.name, [_run(argument) for argument in map_.arguments]
    steps = [compile_integer(step) for step in map_.steps]
    return _shaped_call(
        map_.shape,
        lambda frame, rows, cols: frame.arithmetic.map_partial(
            name,
            tuple([step(frame.env) for step in steps]),
            slot,
            rows,
            cols,
            [argument(frame) for argument in arguments],
        ),
    )


def _shaped_call(shape: tuple[Expr, Expr], call: Callable[[Frame, int, int], Array]) -> Run:
    down, across = compile_integer(shape[0]), compile_integer(shape[1])
    return lambda frame: call(frame, down(frame.env), across(frame.env))


def _unary(method: str) -> Callable[[Any], Run]:
    """A rule that hands the one child to a method of the arithmetic."""

    def rule(node: Any) -> Run:
        child = _run(node.args[0])
        return lambda frame: getattr(frame.arithmetic, method)(child(frame))

    return rule


for _kind, _method in (
    (Transpose, "transpose"),
    (nodes.Softmax, "softmax"),
    (nodes.LogSoftmax, "log_softmax"),
    (nodes.LogSumExp, "logsumexp"),
    (nodes.Diag, "diag"),
    (nodes.Vec, "vec"),
    (nodes.SpectralNorm, "spectral_norm"),
    (nodes.SmallestSingular, "smallest_singular"),
    (nodes.MatrixExponential, "matrix_exponential"),
):
    _rule.register(_kind, _unary(_method))


@_rule.register
def _(node: nodes.Unvec) -> Run:
    vector = _run(node.vector)
    return _shaped_call(
        node.shape, lambda frame, rows, cols: frame.arithmetic.unvec(vector(frame), rows, cols)
    )


@_rule.register
def _(node: nodes.Kron) -> Run:
    left, right = _run(node.left), _run(node.right)
    return lambda frame: frame.arithmetic.kron(left(frame), right(frame))


@_rule.register
def _(node: nodes.Blocks) -> Run:
    grid = [[_run(block) for block in row] for row in node.grid]
    return lambda frame: frame.arithmetic.blocks([[block(frame) for block in row] for row in grid])


@_rule.register
def _(node: nodes.Entry) -> Run:
    matrix = _run(node.matrix)
    row, col = compile_integer(node.row), compile_integer(node.col)
    return lambda frame: frame.arithmetic.entry(matrix(frame), row(frame.env), col(frame.env))


@_rule.register
def _(node: nodes.TimeSum) -> Run:
    return time_sum(node, _run(node.body))


@_rule.register
def _(node: nodes.TimeProduct) -> Run:
    return time_product(node, _run(node.body))


@_rule.register
def _(node: nodes.DirectSum) -> Run:
    return direct_sum(node, _run(node.body))
