"""LaTeX of what has no operands: variables, their derivatives, constants."""

from __future__ import annotations

from sympy.matrices.expressions import Identity, ZeroMatrix

from derivations.expressions import nodes
from derivations.render.latex_base import bracketed, number, rule, typeset
from derivations.render.names import latex_index, latex_name
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset, at_least, negated


def _named(source: str) -> Typeset:
    """A name; with a superscript of its own it cannot carry another one."""
    return Typeset(source, Level.UNARY if "^" in source or "'" in source else Level.ATOM)


@rule.register
def _(expr: nodes.Variable, style: Style) -> Typeset:
    return _named(latex_name(style.display(expr.name), expr.steps))


@rule.register
def _(expr: nodes.Adjoint, style: Style) -> Typeset:
    if style.adjoint == "bar" and expr.steps:
        return _named(latex_name(style.display(expr.name), expr.steps, accent="bar"))
    loss, below = latex_name(style.loss), typeset(expr.variable, style).source
    return Typeset(rf"\frac{{\partial {loss}}}{{\partial {below}}}", Level.UNARY)


@rule.register
def _(expr: nodes.Tangent, style: Style) -> Typeset:
    return _named(latex_name(style.display(expr.name), expr.steps, accent="dot"))


@rule.register
def _(expr: nodes.Jacobian, style: Style) -> Typeset:
    above, below = typeset(expr.numerator, style).source, typeset(expr.denominator, style).source
    sign = "^{+}" if expr.immediate else ""
    return Typeset(rf"\frac{{\partial{sign} {above}}}{{\partial {below}}}", Level.UNARY)


@rule.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    rows, cols = expr.shape
    if rows == 1 and cols == 1:
        return number(expr.value)
    ones = r"\mathbf{1}" if rows != 1 else ""
    ones += r"\mathbf{1}^{\top}" if cols != 1 else ""
    level = Level.ATOM if cols == 1 else Level.POSTFIX if rows == 1 else Level.PRODUCT
    if expr.value == 1:
        return Typeset(ones, level)
    if expr.value.could_extract_minus_sign():
        return negated(typeset(nodes.Constant(-expr.value, rows, cols), style), bracketed)
    value = at_least(number(expr.value), Level.PRODUCT, bracketed)
    return Typeset(f"{value} {ones}", Level.PRODUCT)


@rule.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    return Typeset("0", Level.ATOM)


@rule.register
def _(expr: Identity, style: Style) -> Typeset:
    return Typeset("I", Level.ATOM)


@rule.register
def _(expr: nodes.Commutation, style: Style) -> Typeset:
    return Typeset(f"K_{{{','.join(map(latex_index, expr.args))}}}", Level.ATOM)


@rule.register
def _(expr: nodes.Diagonalizer, style: Style) -> Typeset:
    return Typeset(rf"\operatorname{{E}}_{{{latex_index(expr.size)}}}", Level.ATOM)
