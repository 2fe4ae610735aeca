"""Where a formula too long for a line is cut: at the signs of a sum, inside its brackets too."""

from __future__ import annotations

from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.render.latex import latex_terms
from derivations.render.latex_base import bracketed, typeset
from derivations.render.style import Style
from derivations.render.typeset import Level, at_least

_OPEN, _CLOSE = r"\Bigl(", r"\Bigr)"


@singledispatch
def cut(expr: MatrixExpr, style: Style) -> list[str]:
    """The lines of a long ``expr``; one where there is no good place to cut."""
    return latex_terms(expr, style)


def _bracketed_lines(expr: MatrixExpr, style: Style) -> list[str]:
    """The terms of a sum in brackets that may stand on different lines."""
    first, *between, last = latex_terms(expr, style)
    return [f"{_OPEN} {first}", *between, f"{last} {_CLOSE}"]


@cut.register
def _(expr: nodes.TimeSum, style: Style) -> list[str]:
    whole, body = typeset(expr, style).source, typeset(expr.body, style)
    sign = whole.removesuffix(at_least(body, Level.OPEN, bracketed))
    lines = _bracketed_lines if expr.body.func is MatAdd else cut
    first, *rest = lines(expr.body, style)
    return [sign + first, *rest]


@cut.register(nodes.Scale)
@cut.register(MatMul)
@cut.register(HadamardProduct)
def _cut_factors(expr: nodes.Scale | MatMul | HadamardProduct, style: Style) -> list[str]:
    """A product cut inside the longest sum among its factors; uncut where it has none."""
    source = typeset(expr, style).source
    sums = [typeset(a, style).source for a in expr.args if a.func is MatAdd]
    longest = max(sums, key=len, default="")
    factor = next((a for a in expr.args if typeset(a, style).source == longest), None)
    before, found, after = source.partition(bracketed(longest))
    if factor is None or not found:
        return [source]
    first, *rest, last = _bracketed_lines(factor, style)
    return [before + first, *rest, last + after]
