"""LaTeX of expressions: one rule per node kind, brackets by level of precedence."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from derivations.render.latex_calls import (
    bracketed,
    call,
    derivative_of_map,
    function_application,
    gradient_of_map,
    tall,
)
from derivations.render.names import latex_index, latex_name
from derivations.render.style import Style
from derivations.render.typeset import (
    Level,
    Typeset,
    at_least,
    joined_terms,
    negated,
    signed_terms,
)

PLAIN = Style()


def latex(expr: MatrixExpr, style: Style = PLAIN) -> str:
    """``expr`` in LaTeX (amsmath).

    Raises:
        MissingRule: for a node kind without a rule.
    """
    return typeset(expr, style).source


def latex_terms(expr: MatrixExpr, style: Style = PLAIN) -> list[str]:
    """``expr`` cut at the signs of its outermost sum; each part but the first opens with one."""
    if expr.func is not MatAdd:
        return [broadcast(expr, style).source]
    (sign, source), *rest = signed_terms([broadcast(a, style) for a in expr.args], bracketed)
    opening = f"-{source}" if sign == "-" else source
    return [opening, *(f"{sign} {source}" for sign, source in rest)]


@singledispatch
def typeset(expr: MatrixExpr, style: Style) -> Typeset:
    """The LaTeX of ``expr`` and how tightly it binds."""
    raise MissingRule("LaTeX", type(expr).__name__)


@singledispatch
def broadcast(expr: MatrixExpr, style: Style) -> Typeset:
    """As :func:`typeset`, where neighbours give the shape: a constant is just its number."""
    return typeset(expr, style)


@broadcast.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    return _number(expr.value)


def _number(value: Expr) -> Typeset:
    if value.could_extract_minus_sign():
        return negated(_number(-value), bracketed)
    source = latex_index(value)
    if value.is_Add:
        return Typeset(source, Level.SUM)
    if source.startswith(r"\frac") or value.is_Pow:
        return Typeset(source, Level.UNARY)
    return Typeset(source, Level.PRODUCT if value.is_Mul else Level.ATOM)


def _named(source: str) -> Typeset:
    """A name; with a superscript of its own it cannot carry another one."""
    return Typeset(source, Level.UNARY if "^" in source or "'" in source else Level.ATOM)


def _juxtapose(parts: Sequence[str]) -> str:
    """Factors side by side; a dot keeps two numbers apart."""
    source = parts[0]
    for part in parts[1:]:
        source += (r" \cdot " if re.match(r"\d|\\frac\{\d", part) else " ") + part
    return source


def _product(factors: Sequence[Typeset]) -> Typeset:
    """Factors in their order; the last one may be a sum or product over time."""
    *front, last = factors
    parts = [at_least(front[0], Level.PRODUCT, bracketed)] if front else []
    parts += [at_least(factor, Level.UNARY, bracketed) for factor in front[1:]]
    if last.level is Level.OPEN:
        return Typeset(_juxtapose([*parts, last.source]), Level.OPEN)
    parts.append(at_least(last, Level.UNARY, bracketed))
    return Typeset(_juxtapose(parts), Level.PRODUCT)


def _operator(name: str, *arguments: str) -> Typeset:
    return Typeset(call(rf"\operatorname{{{name}}}", *arguments), Level.ATOM)


@typeset.register
def _(expr: nodes.Variable, style: Style) -> Typeset:
    return _named(latex_name(style.display(expr.name), expr.steps))


@typeset.register
def _(expr: nodes.Adjoint, style: Style) -> Typeset:
    if style.adjoint == "bar" and expr.steps:
        return _named(latex_name(style.display(expr.name), expr.steps, accent="bar"))
    loss, below = latex_name(style.loss), latex(expr.variable, style)
    return Typeset(rf"\frac{{\partial {loss}}}{{\partial {below}}}", Level.UNARY)


@typeset.register
def _(expr: nodes.Tangent, style: Style) -> Typeset:
    return _named(latex_name(style.display(expr.name), expr.steps, accent="dot"))


@typeset.register
def _(expr: nodes.Jacobian, style: Style) -> Typeset:
    above, below = latex(expr.numerator, style), latex(expr.denominator, style)
    sign = "^{+}" if expr.immediate else ""
    return Typeset(rf"\frac{{\partial{sign} {above}}}{{\partial {below}}}", Level.UNARY)


@typeset.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    rows, cols = expr.shape
    if rows == 1 and cols == 1:
        return _number(expr.value)
    ones = r"\mathbf{1}" if rows != 1 else ""
    ones += r"\mathbf{1}^{\top}" if cols != 1 else ""
    level = Level.ATOM if cols == 1 else Level.POSTFIX if rows == 1 else Level.PRODUCT
    if expr.value == 1:
        return Typeset(ones, level)
    if expr.value.could_extract_minus_sign():
        return negated(typeset(nodes.Constant(-expr.value, rows, cols), style), bracketed)
    return _product([_number(expr.value), Typeset(ones, Level.UNARY)])


@typeset.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    return Typeset("0", Level.ATOM)


@typeset.register
def _(expr: Identity, style: Style) -> Typeset:
    return Typeset("I", Level.ATOM)


@typeset.register
def _(expr: MatAdd, style: Style) -> Typeset:
    terms = signed_terms([broadcast(term, style) for term in expr.args], bracketed)
    return Typeset(joined_terms(terms), Level.SUM)


@typeset.register
def _(expr: MatMul, style: Style) -> Typeset:
    coefficient, matrices = expr.as_coeff_matrices()
    body = _product([typeset(matrix, style) for matrix in matrices])
    return body if coefficient == 1 else _scaled(_number(coefficient), body)


@typeset.register
def _(expr: nodes.Scale, style: Style) -> Typeset:
    return _scaled(typeset(expr.scalar, style), typeset(expr.matrix, style))


def _scaled(scalar: Typeset, matrix: Typeset) -> Typeset:
    """``c A``, with a leading minus kept in front of the whole."""
    if scalar.opposite is None:
        return _product([scalar, _factor(matrix)])
    body = matrix if scalar.opposite.source == "1" else _scaled(scalar.opposite, matrix)
    return negated(body, bracketed)


def _factor(part: Typeset) -> Typeset:
    """A product as one factor among others: products associate."""
    return Typeset(part.source, Level.UNARY) if part.level is Level.PRODUCT else part


@typeset.register
def _(expr: HadamardProduct, style: Style) -> Typeset:
    factors = [at_least(typeset(arg, style), Level.UNARY, bracketed) for arg in expr.args]
    return Typeset(r" \odot ".join(factors), Level.ELEMENTWISE)


@typeset.register
def _(expr: nodes.Kron, style: Style) -> Typeset:
    sides = [at_least(typeset(a, style), Level.UNARY, bracketed) for a in (expr.left, expr.right)]
    return Typeset(r" \otimes ".join(sides), Level.ELEMENTWISE)


@typeset.register
def _(expr: nodes.Quotient, style: Style) -> Typeset:
    above, below = broadcast(expr.numerator, style), broadcast(expr.denominator, style)
    if above.opposite is not None:
        return negated(_fraction(above.opposite, below), bracketed)
    return _fraction(above, below)


def _fraction(above: Typeset, below: Typeset) -> Typeset:
    return Typeset(rf"\frac{{{above.source}}}{{{below.source}}}", Level.UNARY)


@typeset.register
def _(expr: nodes.Power, style: Style) -> Typeset:
    base = at_least(typeset(expr.base, style), Level.ATOM, bracketed)
    # A square of a matrix would read as the matrix product; the circle says entry by entry.
    circle = "" if 1 in expr.shape else r"\odot "
    return Typeset(f"{base}^{{{circle}{latex_index(expr.exponent)}}}", Level.POSTFIX)


@typeset.register
def _(expr: nodes.MatrixPower, style: Style) -> Typeset:
    base = at_least(typeset(expr.base, style), Level.ATOM, bracketed)
    return Typeset(f"{base}^{{{latex_index(expr.exponent)}}}", Level.POSTFIX)


@typeset.register
def _(expr: Transpose, style: Style) -> Typeset:
    return _transposed(expr.arg, style)


@singledispatch
def _transposed(expr: MatrixExpr, style: Style) -> Typeset:
    base = at_least(typeset(expr, style), Level.ATOM, bracketed)
    return Typeset(rf"{base}^{{\top}}", Level.POSTFIX)


@_transposed.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    scalar, column = expr.map.shape == (1, 1), expr.map.arguments[expr.slot].shape[1] == 1
    if scalar and column:
        arguments = [broadcast(a, style).source for a in expr.map.arguments]
        return Typeset(gradient_of_map(expr, arguments), Level.UNARY)
    base = bracketed(typeset(expr, style).source)
    return Typeset(rf"{base}^{{\top}}", Level.POSTFIX)


@typeset.register
def _(expr: nodes.TimeSum, style: Style) -> Typeset:
    return _binder(r"\sum", expr, at_least(typeset(expr.body, style), Level.OPEN, bracketed))


@typeset.register
def _(expr: nodes.TimeProduct, style: Style) -> Typeset:
    ordered = expr.descending or expr.shape == (1, 1)
    # The arrow points to later times: to the right, where an ascending product has them.
    sign = r"\prod" if ordered else r"\mathop{\overrightarrow{\prod}}"
    return _binder(sign, expr, at_least(typeset(expr.body, style), Level.UNARY, bracketed))


def _binder(sign: str, expr: nodes.TimeSum | nodes.TimeProduct, body: str) -> Typeset:
    lower = f"{latex_index(expr.index)}={latex_index(expr.lower)}"
    return Typeset(f"{sign}_{{{lower}}}^{{{latex_index(expr.upper)}}} {body}", Level.OPEN)


@typeset.register
def _(expr: nodes.Apply, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    return Typeset(function_application(expr, arguments), Level.ATOM)


@typeset.register
def _(expr: nodes.Map, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    return Typeset(call(latex_name(expr.name, expr.steps), *arguments), Level.ATOM)


@typeset.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.map.arguments]
    return Typeset(derivative_of_map(expr, arguments), Level.UNARY)


@typeset.register
def _(expr: nodes.Softmax, style: Style) -> Typeset:
    return _operator("softmax", latex(expr.arg, style))


@typeset.register
def _(expr: nodes.LogSoftmax, style: Style) -> Typeset:
    return Typeset(call(r"\log", _operator("softmax", latex(expr.arg, style)).source), Level.ATOM)


@typeset.register
def _(expr: nodes.LogSumExp, style: Style) -> Typeset:
    return _operator("logsumexp", latex(expr.arg, style))


@typeset.register
def _(expr: nodes.Diag, style: Style) -> Typeset:
    return _operator("diag", latex(expr.vector, style))


@typeset.register
def _(expr: nodes.Vec, style: Style) -> Typeset:
    return _operator("vec", latex(expr.matrix, style))


@typeset.register
def _(expr: nodes.Unvec, style: Style) -> Typeset:
    sizes = r" \times ".join(latex_index(size) for size in expr.shape)
    name = rf"\operatorname{{unvec}}_{{{sizes}}}"
    return Typeset(call(name, latex(expr.vector, style)), Level.ATOM)


@typeset.register
def _(expr: nodes.Commutation, style: Style) -> Typeset:
    return Typeset(f"K_{{{','.join(map(latex_index, expr.args))}}}", Level.ATOM)


@typeset.register
def _(expr: nodes.Diagonalizer, style: Style) -> Typeset:
    return Typeset(rf"\operatorname{{E}}_{{{latex_index(expr.size)}}}", Level.ATOM)


@typeset.register
def _(expr: nodes.Entry, style: Style) -> Typeset:
    inner = latex(expr.matrix, style)
    place = [expr.row] if expr.matrix.shape[1] == 1 else [expr.row, expr.col]
    return Typeset(rf"\left[{inner}\right]_{{{','.join(map(latex_index, place))}}}", Level.ATOM)


@typeset.register
def _(expr: nodes.Blocks, style: Style) -> Typeset:
    high = any(tall(latex(block, style)) for block in expr.blocks)
    rows = [" & ".join(_block(block, style) for block in row) for row in expr.grid]
    break_ = r" \\[4pt] " if high else r" \\ "
    return Typeset(rf"\begin{{bmatrix}} {break_.join(rows)} \end{{bmatrix}}", Level.ATOM)


@singledispatch
def _block(expr: MatrixExpr, style: Style) -> str:
    return latex(expr, style)


@_block.register
def _(expr: Identity, style: Style) -> str:
    return f"I_{{{latex_index(expr.shape[0])}}}"
