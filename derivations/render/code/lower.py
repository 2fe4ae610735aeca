"""One rule per node kind: a matrix expression as the source text of array code.

A kind without a rule raises :class:`~derivations.errors.MissingRule`, which names it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce, singledispatch
from typing import Any

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
from derivations.expressions import build, nodes
from derivations.render.code.assembling import as_matrix, filled, stacked
from derivations.render.code.chains import chain
from derivations.render.code.code import (
    ADD,
    ATOM,
    MULTIPLY,
    POWER,
    UNARY,
    Code,
    has_axis,
    joined,
    number,
    transposed,
)
from derivations.render.code.functions import applied, called, pulled_back
from derivations.render.code.scope import Scope


def lower(node: MatrixExpr, scope: Scope) -> Code:
    """The code of an expression.

    Raises:
        MissingRule: a node kind has no rule.
    """
    known = scope.known(node)
    return known if known is not None else scope.keep(node, _lower(node, scope))


@singledispatch
def _lower(node: Any, scope: Scope) -> Code:
    raise MissingRule(f"{scope.dialect.title} code", type(node).__name__)


def dense(node: MatrixExpr, scope: Scope) -> Code:
    """The code of an expression as an array: a number is written out."""
    code = lower(node, scope)
    return filled(code, node.shape, scope) if code.number else code


@_lower.register
def _(node: nodes.Variable, scope: Scope) -> Code:
    return scope.leaf(node)


@_lower.register
def _(node: nodes.Constant, scope: Scope) -> Code:
    return number(node.value) if node.value.is_number else scope.scalar(node.value)


@_lower.register
def _(node: ZeroMatrix, scope: Scope) -> Code:
    return number(0)


@_lower.register
def _(node: Identity, scope: Scope) -> Code:
    if node.shape[0] == 1:
        return number(1)
    return Code(scope.dialect.eye(scope.number(node.shape[0])), rows=True, cols=True)


@_lower.register
def _(node: MatAdd, scope: Scope) -> Code:
    total: Code | None = None
    for term in node.args:
        positive, sign = _unsigned(term)
        code = lower(positive, scope)
        if total is None:
            total = code if sign == "+" else _negative(code)
        else:
            total = joined((total, code), scope.labels, sign, ADD)
    assert total is not None
    return total


def _unsigned(term: MatrixExpr) -> tuple[MatrixExpr, str]:
    """A term without its sign."""
    if isinstance(term, nodes.Constant) and term.value.is_number and term.value < 0:
        return build.constant(-term.value, *term.shape), "-"
    if isinstance(term, nodes.Scale) and isinstance(term.scalar, nodes.Constant):
        value = term.scalar.value
        if value.is_number and value < 0:
            return build.scale(build.constant(-value), term.matrix), "-"
    return term, "+"


def _negative(code: Code) -> Code:
    return replace(code, text=f"-{code.within(MULTIPLY)}", level=min(code.level, UNARY))


@_lower.register
def _(node: HadamardProduct, scope: Scope) -> Code:
    parts = [lower(factor, scope) for factor in node.args]
    return reduce(lambda a, b: joined((a, b), scope.labels, "*", MULTIPLY), parts)


@_lower.register
def _(node: nodes.Scale, scope: Scope) -> Code:
    scalar, matrix = lower(node.scalar, scope), lower(node.matrix, scope)
    if isinstance(node.scalar, nodes.Constant) and node.scalar.value == -1:
        return _negative(matrix)
    return joined((scalar, matrix), scope.labels, "*", MULTIPLY)


@_lower.register
def _(node: nodes.Quotient, scope: Scope) -> Code:
    parts = (lower(node.numerator, scope), lower(node.denominator, scope))
    return joined(parts, scope.labels, "/", MULTIPLY)


@_lower.register
def _(node: nodes.Power, scope: Scope) -> Code:
    base = lower(node.base, scope)
    exponent = scope.names.expression(node.exponent, scope.steps, exact=node.exponent.is_Integer)
    shown = exponent if exponent.isalnum() else f"({exponent})"
    return replace(base, text=f"{base.atom} ** {shown}", level=POWER, number=False)


@_lower.register
def _(node: Transpose, scope: Scope) -> Code:
    if isinstance(node.arg, nodes.MapPartial):
        return pulled_back(node.arg, lower(build.ones(1, 1), scope), scope, dense)
    return transposed(lower(node.arg, scope))


@_lower.register
def _(node: nodes.MapPartial, scope: Scope) -> Code:
    if not build.is_scalar(node):
        raise MissingRule(f"{scope.dialect.title} code", "a Jacobian that multiplies nothing")
    return pulled_back(node, number(1), scope, dense)


@_lower.register
def _(node: MatMul, scope: Scope) -> Code:
    if any(not isinstance(factor, MatrixExpr) for factor in node.args):
        raise MissingRule(f"{scope.dialect.title} code", "a number among the factors of a product")
    return chain(node.args, scope, lower, dense)


@_lower.register
def _(node: nodes.Apply, scope: Scope) -> Code:
    arguments = [lower(argument, scope) for argument in node.arguments]
    return applied(node, arguments, scope)


@_lower.register
def _(node: nodes.Map, scope: Scope) -> Code:
    return called(node, scope, dense)


def _over_last_axis(node: Any, scope: Scope, template: str, scalar: bool) -> Code:
    inner = dense(node.arg, scope)
    if inner.rank != 1:
        raise MissingRule(f"{scope.dialect.title} code", f"{type(node).__name__} of no vector")
    text = template.format(inner.text)
    rows, cols = (inner.rows, inner.cols) if not scalar else (False, False)
    return replace(inner, text=text, level=ATOM, rows=rows, cols=cols)


@_lower.register
def _(node: nodes.Softmax, scope: Scope) -> Code:
    return _over_last_axis(node, scope, scope.dialect.softmax, False)


@_lower.register
def _(node: nodes.LogSoftmax, scope: Scope) -> Code:
    return _over_last_axis(node, scope, scope.dialect.log_softmax, False)


@_lower.register
def _(node: nodes.LogSumExp, scope: Scope) -> Code:
    return _over_last_axis(node, scope, scope.dialect.logsumexp, True)


@_lower.register
def _(node: nodes.Diag, scope: Scope) -> Code:
    vector = dense(node.vector, scope)
    shown = replace(vector, text=f"{vector.atom}[..., None]", level=ATOM, rows=True, cols=True)
    eye = Code(scope.dialect.eye(scope.number(node.shape[0])), rows=True, cols=True)
    return joined((shown, eye), scope.labels, "*", MULTIPLY)


@_lower.register
def _(node: nodes.Blocks, scope: Scope) -> Code:
    rows = []
    wide = has_axis(node.shape[0]) and has_axis(node.shape[1])
    for row in node.grid:
        parts = [dense(block, scope) for block in row]
        if wide:
            parts = [as_matrix(part) for part in parts]
        rows.append(stacked(parts, -1, scope) if len(parts) > 1 else parts[0])
    if len(rows) == 1:
        return replace(rows[0], rows=has_axis(node.shape[0]), cols=has_axis(node.shape[1]))
    if all(not row.cols for row in rows):
        return replace(stacked(rows, -1, scope), rows=True, cols=False)
    return stacked(rows, -2, scope)


@_lower.register
def _(node: nodes.Vec, scope: Scope) -> Code:
    inner = dense(node.matrix, scope)
    text = f"{transposed(inner).atom}.reshape(*{inner.atom}.shape[:-2], -1)"
    return replace(inner, text=text, level=ATOM, rows=True, cols=False)


@_lower.register
def _(node: nodes.Unvec, scope: Scope) -> Code:
    inner = dense(node.vector, scope)
    rows, cols = (scope.number(extent) for extent in node.shape)
    text = f"{inner.atom}.reshape(*{inner.atom}.shape[:-1], {cols}, {rows}).mT"
    return replace(inner, text=text, level=ATOM, rows=True, cols=True)


@_lower.register
def _(node: nodes.Entry, scope: Scope) -> Code:
    inner = dense(node.matrix, scope)
    places = [
        e for e, axis in zip((node.row, node.col), node.matrix.shape, strict=True) if has_axis(axis)
    ]
    index = ", ".join(["...", *(scope.number(place - 1) for place in places)])
    return replace(inner, text=f"{inner.atom}[{index}]", level=ATOM, rows=False, cols=False)


@_lower.register
def _(node: nodes.TimeSum, scope: Scope) -> Code:
    over = Range(node.index, node.lower, node.upper)
    with scope.binding(over):
        body = lower(node.body, scope)
        count = scope.length(node.index)
    if node.index not in body.labels:
        return joined((body, Code(count, ADD, number=True)), scope.labels, "*", MULTIPLY)
    place = body.labels.index(node.index)
    labels = tuple(label for label in body.labels if label != node.index)
    return replace(body, text=f"{body.atom}.sum({place})", level=ATOM, labels=labels)
