"""The text language: sums and products, powers, and sums and products over time."""

from __future__ import annotations

from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.render.equivalents import entrywise_power, unsigned
from derivations.render.names import text_index
from derivations.render.style import Style
from derivations.render.text_base import bracketed, broadcast, call, number, rule, typeset
from derivations.render.typeset import Level, Typeset, at_least, negated, sum_terms


def terms_of_sum(expr: MatAdd, style: Style) -> list[str]:
    """The terms of a sum, all but the first with their sign."""
    return sum_terms([broadcast(term, style) for term in expr.args], bracketed)


def _times(first: Typeset, operator: str, *others: Typeset) -> Typeset:
    """Python's ``*``, ``/`` and unary operators: equal rank, from the left."""
    parts = [at_least(first, Level.ELEMENTWISE, bracketed)]
    parts += [at_least(other, Level.UNARY, bracketed) for other in others]
    return Typeset(f" {operator} ".join(parts), Level.ELEMENTWISE)


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
    raise MissingRule("text", type(expr).__name__)


@_plain.register
def _(expr: MatMul, style: Style) -> Typeset:
    coefficient, matrices = expr.as_coeff_matrices()
    if matrices[0] == nodes.Constant(1, 1, matrices[0].shape[1]) and expr.shape == (1, 1):
        summed = typeset(matrices[1] if len(matrices) == 2 else MatMul(*matrices[1:]), style).source
        body = call("sum", summed)
        return body if coefficient == 1 else _times(number(coefficient), "*", body)
    factors = [typeset(matrix, style) for matrix in matrices]
    parts = [at_least(factor, Level.PRODUCT, bracketed) for factor in factors]
    body = Typeset(" @ ".join(parts), Level.PRODUCT) if len(parts) > 1 else factors[0]
    return body if coefficient == 1 else _times(number(coefficient), "*", body)


@_plain.register
def _(expr: nodes.Scale, style: Style) -> Typeset:
    return _times(typeset(expr.scalar, style), "*", typeset(expr.matrix, style))


@_plain.register
def _(expr: HadamardProduct, style: Style) -> Typeset:
    first, *others = (typeset(argument, style) for argument in expr.args)
    # A product of matrices is bracketed on the left, too, where Python would not need it.
    opening = Typeset(first.source, Level.SUM) if first.level is Level.PRODUCT else first
    return _times(opening, "*", *others)


@_plain.register
def _(expr: nodes.Quotient, style: Style) -> Typeset:
    above, below = broadcast(expr.numerator, style), broadcast(expr.denominator, style)
    if above.opposite is not None:
        return negated(_times(above.opposite, "/", below), bracketed)
    return _times(above, "/", below)


@rule.register
def _(expr: nodes.Power, style: Style) -> Typeset:
    repeated = entrywise_power(expr)
    return _power(expr, style) if repeated is None else typeset(repeated, style)


@rule.register
def _(expr: nodes.MatrixPower, style: Style) -> Typeset:
    return _power(expr, style)


def _power(expr: nodes.Power | nodes.MatrixPower, style: Style) -> Typeset:
    base = at_least(typeset(expr.base, style), Level.ATOM, bracketed)
    exponent = at_least(number(expr.exponent), Level.ATOM, bracketed)
    return Typeset(f"{base} ** {exponent}", Level.UNARY)


@rule.register
def _(expr: Transpose, style: Style) -> Typeset:
    base = at_least(typeset(expr.arg, style), Level.ATOM, bracketed)
    return Typeset(f"{base}.T", Level.POSTFIX)


@_plain.register
def _(expr: nodes.TimeSum, style: Style) -> Typeset:
    return call("sum", *_bounds(expr), typeset(expr.body, style).source)


@rule.register
def _(expr: nodes.TimeProduct, style: Style) -> Typeset:
    order = () if expr.descending else ("order=ascending",)
    return call("prod", *_bounds(expr), typeset(expr.body, style).source, *order)


@rule.register
def _(expr: nodes.DirectSum, style: Style) -> Typeset:
    return call("directsum", *_bounds(expr), typeset(expr.body, style).source)


def _bounds(expr: nodes.TimeSum | nodes.TimeProduct | nodes.DirectSum) -> tuple[str, ...]:
    return tuple(text_index(bound) for bound in (expr.index, expr.lower, expr.upper))
