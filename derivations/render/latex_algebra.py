"""LaTeX of sums and products: what stands side by side, and sums and products over time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.render.equivalents import (
    entrywise_power,
    is_ascending,
    transposed_descending,
    unsigned,
)
from derivations.render.latex_base import bracketed, broadcast, number, rule, sized, typeset
from derivations.render.latex_calls import gradient_of_map
from derivations.render.names import latex_index
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset, at_least, negated, sum_terms


def _juxtapose(parts: Sequence[str]) -> str:
    """Factors side by side; a dot keeps two numbers apart."""
    source = parts[0]
    for part in parts[1:]:
        source += (r" \cdot " if re.match(r"\d|\\frac\{\d", part) else " ") + part
    return source


def _product(factors: Sequence[Typeset]) -> Typeset:
    """Factors in their order; the last one may be a sum or product over time."""
    *front, last = factors
    parts = [at_least(factor, Level.PRODUCT, bracketed) for factor in front]
    if last.level is Level.OPEN:
        return Typeset(_juxtapose([*parts, last.source]), Level.OPEN)
    parts.append(at_least(last, Level.PRODUCT, bracketed))
    return Typeset(_juxtapose(parts), Level.PRODUCT)


def terms_of_sum(expr: MatAdd, style: Style) -> list[str]:
    """The terms of a sum, all but the first with their sign."""
    return sum_terms([broadcast(term, style) for term in expr.args], bracketed)


@rule.register
def _(expr: MatAdd, style: Style) -> Typeset:
    return Typeset(" ".join(terms_of_sum(expr, style)), Level.SUM)


@rule.register(MatMul)
@rule.register(nodes.Scale)
@rule.register(HadamardProduct)
@rule.register(nodes.Quotient)
@rule.register(nodes.TimeSum)
def _signed(expr: MatrixExpr, style: Style) -> Typeset:
    """What may be a negative: its sign stands in front of the whole."""
    minus, plain = unsigned(expr)
    if minus:
        return negated(typeset(plain, style), bracketed)
    return _plain(expr, style) if plain is expr else typeset(plain, style)


@singledispatch
def _plain(expr: MatrixExpr, style: Style) -> Typeset:
    """The same without a sign to move."""
    raise MissingRule("LaTeX", type(expr).__name__)


@_plain.register
def _(expr: MatMul, style: Style) -> Typeset:
    coefficient, matrices = expr.as_coeff_matrices()
    body = _product([typeset(matrix, style) for matrix in matrices])
    return body if coefficient == 1 else _product([number(coefficient), body])


@_plain.register
def _(expr: nodes.Scale, style: Style) -> Typeset:
    return _product([typeset(expr.scalar, style), typeset(expr.matrix, style)])


@_plain.register
def _(expr: HadamardProduct, style: Style) -> Typeset:
    factors = [at_least(typeset(arg, style), Level.UNARY, bracketed) for arg in expr.args]
    return Typeset(r" \odot ".join(factors), Level.ELEMENTWISE)


@rule.register
def _(expr: nodes.Kron, style: Style) -> Typeset:
    sides = [at_least(sized(a, style), Level.UNARY, bracketed) for a in (expr.left, expr.right)]
    return Typeset(r" \otimes ".join(sides), Level.ELEMENTWISE)


@_plain.register
def _(expr: nodes.Quotient, style: Style) -> Typeset:
    above, below = broadcast(expr.numerator, style), broadcast(expr.denominator, style)
    if above.opposite is not None:
        return negated(_fraction(above.opposite, below), bracketed)
    return _fraction(above, below)


def _fraction(above: Typeset, below: Typeset) -> Typeset:
    return Typeset(rf"\frac{{{above.source}}}{{{below.source}}}", Level.UNARY)


@rule.register
def _(expr: nodes.Power, style: Style) -> Typeset:
    repeated = entrywise_power(expr)
    if repeated is not None:
        return typeset(repeated, style)
    base = at_least(typeset(expr.base, style), Level.ATOM, bracketed)
    return Typeset(f"{base}^{{{latex_index(expr.exponent)}}}", Level.POSTFIX)


@rule.register
def _(expr: nodes.MatrixPower, style: Style) -> Typeset:
    base = at_least(typeset(expr.base, style), Level.ATOM, bracketed)
    return Typeset(f"{base}^{{{latex_index(expr.exponent)}}}", Level.POSTFIX)


@rule.register
def _(expr: Transpose, style: Style) -> Typeset:
    return _transposed(expr.arg, style)


@singledispatch
def _transposed(expr: MatrixExpr, style: Style) -> Typeset:
    base = at_least(typeset(expr, style), Level.ATOM, bracketed)
    return Typeset(rf"{base}^{{\top}}", Level.POSTFIX)


@_transposed.register
def _(expr: nodes.TimeProduct, style: Style) -> Typeset:
    """The transpose of an ascending product is a descending one."""
    if is_ascending(expr):
        return typeset(transposed_descending(expr).arg, style)
    base = at_least(typeset(expr, style), Level.ATOM, bracketed)
    return Typeset(rf"{base}^{{\top}}", Level.POSTFIX)


@_transposed.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    scalar, column = expr.map.shape == (1, 1), expr.map.arguments[expr.slot].shape[1] == 1
    if scalar and column:
        return Typeset(gradient_of_map(expr, style), Level.UNARY)
    base = bracketed(typeset(expr, style).source)
    return Typeset(rf"{base}^{{\top}}", Level.POSTFIX)


@_plain.register
def _(expr: nodes.TimeSum, style: Style) -> Typeset:
    return _binder(r"\sum", expr, at_least(typeset(expr.body, style), Level.OPEN, bracketed))


@rule.register
def _(expr: nodes.TimeProduct, style: Style) -> Typeset:
    if is_ascending(expr):
        return typeset(transposed_descending(expr), style)
    return _binder(r"\prod", expr, at_least(typeset(expr.body, style), Level.UNARY, bracketed))


@rule.register
def _(expr: nodes.DirectSum, style: Style) -> Typeset:
    return _binder(r"\bigoplus", expr, at_least(typeset(expr.body, style), Level.UNARY, bracketed))


def _binder(
    sign: str, expr: nodes.TimeSum | nodes.TimeProduct | nodes.DirectSum, body: str
) -> Typeset:
    lower = f"{latex_index(expr.index)}={latex_index(expr.lower)}"
    return Typeset(f"{sign}_{{{lower}}}^{{{latex_index(expr.upper)}}} {body}", Level.OPEN)
