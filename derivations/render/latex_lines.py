"""Where a formula too long for a line is cut: at the signs of a sum, else between factors.

Inside brackets too, which then are of fixed size: TeX cannot pair them across lines. What has no
place to cut (a fraction, a matrix, the argument of a function) stays on one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.render.equivalents import unsigned
from derivations.render.latex import latex_terms
from derivations.render.latex_base import bracketed, typeset
from derivations.render.latex_width import latex_width
from derivations.render.style import Style
from derivations.render.typeset import Level, at_least

_OPEN, _CLOSE = r"\Bigl(", r"\Bigr)"
_SIGN, _BRACKETS = 25.0, 14.0
"""Points that the indent of a line and its sign take, and a pair of brackets."""
_LONG_SUM = 0.5
"""Part of a line from which on a sum among factors is cut itself."""
PRODUCTS = (MatMul, nodes.Scale, HadamardProduct)


def cut(expr: MatrixExpr, style: Style, room: float) -> list[str]:
    """The lines of a long ``expr``, each about ``room`` points wide where there is a way."""
    minus, plain = unsigned(expr)
    if not minus:
        return _cut(plain, style, room)
    first, *rest = _as_term(plain, style, room)
    return ["-" + first, *rest]


@singledispatch
def _cut(expr: MatrixExpr, style: Style, room: float) -> list[str]:
    """The lines of what has no sign in front."""
    return latex_terms(expr, style)


def _as_term(expr: MatrixExpr, style: Style, room: float) -> list[str]:
    """The lines of what a sign stands before: of a sum, in brackets."""
    lines = _cut(expr, style, room)
    return _in_brackets(lines) if isinstance(expr, MatAdd) else lines


def _fitted(expr: MatrixExpr, style: Style, room: float) -> list[str]:
    """One line where that is enough."""
    source = typeset(expr, style).source
    return [source] if latex_width(source) <= room else cut(expr, style, room)


@_cut.register
def _(expr: MatAdd, style: Style, room: float) -> list[str]:
    """A sum at its signs, and a term that is too long by itself inside."""
    lines: list[str] = []
    for term, source in zip(_in_order(expr), latex_terms(expr, style), strict=True):
        if latex_width(source) <= room or isinstance(term, MatAdd):
            lines.append(source)
            continue
        minus, plain = unsigned(term)
        sign = "-" if minus else "+"
        first, *rest = _as_term(plain, style, room - _SIGN)
        opening = f"{sign} {first}" if lines else first if sign == "+" else f"-{first}"
        lines += [opening, *rest]
    return lines


def _in_order(expr: MatAdd) -> list[MatrixExpr]:
    """The terms as they are printed: the first one without a minus in front."""
    terms = list(expr.args)
    first = next((k for k, term in enumerate(terms) if not unsigned(term)[0]), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


@_cut.register
def _(expr: nodes.TimeSum, style: Style, room: float) -> list[str]:
    whole, body = typeset(expr, style).source, typeset(expr.body, style)
    sign = whole.removesuffix(at_least(body, Level.OPEN, bracketed))
    left = room - latex_width(sign)
    if expr.body.func is MatAdd:
        first, *rest = _in_brackets(cut(expr.body, style, left))
    else:
        first, *rest = _fitted(expr.body, style, left)
    return [sign + first, *rest]


@_cut.register(nodes.Scale)
@_cut.register(MatMul)
@_cut.register(HadamardProduct)
def _cut_product(
    expr: nodes.Scale | MatMul | HadamardProduct, style: Style, room: float
) -> list[str]:
    """A product between two factors, and a factor that is too long by itself inside."""
    lines = _Lines(room)
    for factor in _factors(expr, style):
        inner = _inside(factor, style, room - _BRACKETS)
        for number, piece in enumerate(inner):
            lines.add(piece, factor.joint, fresh=number > 0)
    return lines.found


@dataclass(frozen=True)
class _Factor:
    """A factor as it stands in its product; ``joint`` is the sign between it and the one before."""

    expr: MatrixExpr
    source: str
    joint: str
    wrapped: bool


def _factors(expr: MatrixExpr, style: Style) -> Iterator[_Factor]:
    """The factors of a product, those of a product behind a number among them."""
    if isinstance(expr, nodes.Scale) and isinstance(expr.matrix, MatMul | nodes.Scale):
        yield from _parts((expr.scalar,), Level.PRODUCT, r"\cdot", style)
        yield from _factors(expr.matrix, style)
    elif isinstance(expr, HadamardProduct):
        yield from _parts(expr.args, Level.UNARY, r"\odot", style)
    else:
        yield from _parts(expr.args, Level.PRODUCT, r"\cdot", style)


def _parts(
    factors: tuple[MatrixExpr, ...], level: Level, joint: str, style: Style
) -> Iterator[_Factor]:
    for place, factor in enumerate(factors, 1):
        printed = typeset(factor, style)
        # A sum over time may end a matrix product without brackets.
        ends = place == len(factors) and level is Level.PRODUCT and printed.level is Level.OPEN
        needed = Level.OPEN if ends else level
        source = at_least(printed, needed, bracketed)
        yield _Factor(factor, source, joint, printed.level < needed)


def _inside(factor: _Factor, style: Style, room: float) -> list[str]:
    """The lines of one factor."""
    long = room * _LONG_SUM if isinstance(factor.expr, MatAdd) else room
    if latex_width(factor.source) <= long:
        return [factor.source]
    lines = cut(factor.expr, style, room)
    if len(lines) == 1:
        return [factor.source]
    return _in_brackets(lines) if factor.wrapped else lines


def _in_brackets(lines: list[str]) -> list[str]:
    """Lines in brackets that may stand on different ones."""
    lines = [f"{_OPEN} {lines[0]}", *lines[1:]]
    return [*lines[:-1], f"{lines[-1]} {_CLOSE}"]


class _Lines:
    """Factors put side by side as long as there is room."""

    def __init__(self, room: float) -> None:
        self.found: list[str] = []
        self._room = room

    def add(self, piece: str, joint: str, fresh: bool) -> None:
        """One more piece; ``fresh`` where it continues a factor on a line of its own."""
        if not self.found or fresh:
            self.found.append(piece)
            return
        between = " " if joint == r"\cdot" else f" {joint} "
        joined = self.found[-1] + between + piece
        if latex_width(joined) <= self._room:
            self.found[-1] = joined
        else:
            self.found.append(f"{joint} {piece}")
