"""The text language of expressions: one rule per node kind; what is printed reads back."""

from __future__ import annotations

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

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.functions import lookup
from derivations.render.names import slot_name, text_index, text_name
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset, at_least, negated, sum_terms

PLAIN = Style()


def text(expr: MatrixExpr, style: Style = PLAIN) -> str:
    """``expr`` in the text language.

    Raises:
        MissingRule: for a node kind without a rule.
    """
    return typeset(expr, style).source


def text_terms(expr: MatrixExpr, style: Style = PLAIN) -> list[str]:
    """``expr`` cut at the signs of its outermost sum; each part but the first opens with one."""
    if expr.func is not MatAdd:
        return [broadcast(expr, style).source]
    return sum_terms([broadcast(term, style) for term in expr.args], _bracketed)


@singledispatch
def typeset(expr: MatrixExpr, style: Style) -> Typeset:
    """The text of ``expr`` and how tightly it binds."""
    raise MissingRule("text", type(expr).__name__)


@singledispatch
def broadcast(expr: MatrixExpr, style: Style) -> Typeset:
    """As :func:`typeset`, where neighbours give the shape: a constant is just its number."""
    return typeset(expr, style)


@broadcast.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    return _number(expr.value)


@broadcast.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    return Typeset("0", Level.ATOM)


def _bracketed(source: str) -> str:
    return f"({source})"


def _number(value: Expr) -> Typeset:
    if value.could_extract_minus_sign():
        return negated(_number(-value), _bracketed)
    source = text_index(value)
    if value.is_Add:
        return Typeset(source, Level.SUM)
    plain = value.is_Integer or value.is_Symbol
    return Typeset(source, Level.ATOM if plain else Level.ELEMENTWISE)


def _call(function: str, *arguments: str) -> Typeset:
    return Typeset(f"{function}({', '.join(arguments)})", Level.ATOM)


def _times(first: Typeset, operator: str, *others: Typeset) -> Typeset:
    """Python's ``*``, ``/`` and unary operators: equal rank, from the left."""
    parts = [at_least(first, Level.ELEMENTWISE, _bracketed)]
    parts += [at_least(other, Level.UNARY, _bracketed) for other in others]
    return Typeset(f" {operator} ".join(parts), Level.ELEMENTWISE)


@typeset.register
def _(expr: nodes.Variable, style: Style) -> Typeset:
    return Typeset(text_name(style.display(expr.name), expr.steps), Level.ATOM)


@typeset.register
def _(expr: nodes.Adjoint, style: Style) -> Typeset:
    return Typeset(f"d{style.loss}/d{text(expr.variable, style)}", Level.UNARY)


@typeset.register
def _(expr: nodes.Tangent, style: Style) -> Typeset:
    return _call("tangent", text(expr.variable, style))


@typeset.register
def _(expr: nodes.Jacobian, style: Style) -> Typeset:
    source = f"d{text(expr.numerator, style)}/d{text(expr.denominator, style)}"
    if expr.immediate:
        return Typeset(f"direct {source}", Level.OPEN)
    return Typeset(source, Level.UNARY)


@typeset.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    if expr.shape == (1, 1):
        return _number(expr.value)
    ones = _call("ones", *map(text_index, expr.shape))
    if expr.value == 1:
        return ones
    if expr.value.could_extract_minus_sign():
        return negated(typeset(nodes.Constant(-expr.value, *expr.shape), style), _bracketed)
    return _times(_number(expr.value), "*", ones)


@typeset.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    if expr.shape == (1, 1):
        return Typeset("0", Level.ATOM)
    return _call("zeros", *map(text_index, expr.shape))


@typeset.register
def _(expr: Identity, style: Style) -> Typeset:
    return _call("eye", text_index(expr.shape[0]))


@typeset.register
def _(expr: MatAdd, style: Style) -> Typeset:
    return Typeset(" ".join(text_terms(expr, style)), Level.SUM)


@typeset.register
def _(expr: MatMul, style: Style) -> Typeset:
    coefficient, matrices = expr.as_coeff_matrices()
    factors = [typeset(matrix, style) for matrix in matrices]
    parts = [at_least(factor, Level.PRODUCT, _bracketed) for factor in factors]
    body = Typeset(" @ ".join(parts), Level.PRODUCT) if len(parts) > 1 else factors[0]
    return body if coefficient == 1 else _scaled(_number(coefficient), body)


@typeset.register
def _(expr: nodes.Scale, style: Style) -> Typeset:
    return _scaled(typeset(expr.scalar, style), typeset(expr.matrix, style))


def _scaled(scalar: Typeset, matrix: Typeset) -> Typeset:
    """``c * A``, with a leading minus kept in front of the whole."""
    if scalar.opposite is None:
        return _times(scalar, "*", matrix)
    body = matrix if scalar.opposite.source == "1" else _scaled(scalar.opposite, matrix)
    return negated(body, _bracketed)


@typeset.register
def _(expr: HadamardProduct, style: Style) -> Typeset:
    first, *others = (typeset(argument, style) for argument in expr.args)
    # A product of matrices is bracketed on the left, too, where Python would not need it.
    opening = Typeset(first.source, Level.SUM) if first.level is Level.PRODUCT else first
    return _times(opening, "*", *others)


@typeset.register
def _(expr: nodes.Quotient, style: Style) -> Typeset:
    above, below = broadcast(expr.numerator, style), broadcast(expr.denominator, style)
    if above.opposite is not None:
        return negated(_times(above.opposite, "/", below), _bracketed)
    return _times(above, "/", below)


@typeset.register
def _(expr: nodes.Power, style: Style) -> Typeset:
    base = at_least(typeset(expr.base, style), Level.ATOM, _bracketed)
    exponent = at_least(_number(expr.exponent), Level.ATOM, _bracketed)
    return Typeset(f"{base} ** {exponent}", Level.UNARY)


@typeset.register
def _(expr: nodes.MatrixPower, style: Style) -> Typeset:
    return _call("matrix_power", text(expr.base, style), text_index(expr.exponent))


@typeset.register
def _(expr: Transpose, style: Style) -> Typeset:
    base = at_least(typeset(expr.arg, style), Level.ATOM, _bracketed)
    return Typeset(f"{base}.T", Level.POSTFIX)


@typeset.register
def _(expr: nodes.TimeSum, style: Style) -> Typeset:
    return _call("sum", *_bounds(expr), text(expr.body, style))


@typeset.register
def _(expr: nodes.TimeProduct, style: Style) -> Typeset:
    order = () if expr.descending else ("order=ascending",)
    return _call("prod", *_bounds(expr), text(expr.body, style), *order)


def _bounds(expr: nodes.TimeSum | nodes.TimeProduct) -> tuple[str, ...]:
    return tuple(text_index(bound) for bound in (expr.index, expr.lower, expr.upper))


@typeset.register
def _(expr: nodes.Apply, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    row = lookup(expr.function)
    arity = row.arity if row else len(arguments)
    if arity == 1 and not any(expr.orders[1:]):
        return _call(expr.function + "'" * expr.orders[0], *arguments)
    result = _call(expr.function, *arguments)
    for slot, order in enumerate(expr.orders, start=1):
        for _ in range(order):
            result = _call("partial", result.source, str(slot))
    return result


@typeset.register
def _(expr: nodes.Map, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    return _call(text_name(expr.name, expr.steps), *arguments)


@typeset.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    name = slot_name(expr)
    if not name:
        return _call("partial", text(expr.map, style), str(expr.slot + 1))
    arguments = [broadcast(argument, style).source for argument in expr.map.arguments]
    function = text_name(expr.map.name, expr.map.steps)
    return Typeset(_call(f"d{function}/d{name}", *arguments).source, Level.UNARY)


@typeset.register
def _(expr: nodes.Softmax, style: Style) -> Typeset:
    return _call("softmax", text(expr.arg, style))


@typeset.register
def _(expr: nodes.LogSoftmax, style: Style) -> Typeset:
    return _call("log", f"softmax({text(expr.arg, style)})")


@typeset.register
def _(expr: nodes.LogSumExp, style: Style) -> Typeset:
    return _call("logsumexp", text(expr.arg, style))


@typeset.register
def _(expr: nodes.Diag, style: Style) -> Typeset:
    return _call("diag", text(expr.vector, style))


@typeset.register
def _(expr: nodes.Kron, style: Style) -> Typeset:
    return _call("kron", text(expr.left, style), text(expr.right, style))


@typeset.register
def _(expr: nodes.Vec, style: Style) -> Typeset:
    return _call("vec", text(expr.matrix, style))


@typeset.register
def _(expr: nodes.Unvec, style: Style) -> Typeset:
    return _call("unvec", text(expr.vector, style), *map(text_index, expr.shape))


@typeset.register
def _(expr: nodes.Commutation, style: Style) -> Typeset:
    return _call("commutation", *map(text_index, expr.args))


@typeset.register
def _(expr: nodes.Diagonalizer, style: Style) -> Typeset:
    return _call("diagonalizer", text_index(expr.size))


@typeset.register
def _(expr: nodes.Entry, style: Style) -> Typeset:
    inner = text(expr.matrix, style)
    place = f"[{text_index(expr.row)},{text_index(expr.col)}]"
    # Beside a time index, or behind an operation, an entry needs brackets to be told apart.
    bare = expr.matrix.func in (nodes.Variable, nodes.Adjoint) and not expr.matrix.steps
    return Typeset((inner if bare else _bracketed(inner)) + place, Level.ATOM)


@typeset.register
def _(expr: nodes.Blocks, style: Style) -> Typeset:
    if expr.across == 1:
        return _call("concat", *(text(block, style) for block in expr.blocks))
    rows = [", ".join(text(block, style) for block in row) for row in expr.grid]
    return _call("block", f"[{', '.join(f'[{row}]' for row in rows)}]")
