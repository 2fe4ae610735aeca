"""Where a formula too long for a line is cut: at the signs of a sum, inside its brackets too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.render.latex import latex_terms
from derivations.render.latex_base import bracketed, typeset
from derivations.render.style import Style
from derivations.render.typeset import Level, at_least

_OPEN, _CLOSE = r"\Bigl(", r"\Bigr)"
LONGEST_LINE = 56
"""Printed characters that still make one line beside a left side and its times."""
_UNSEEN = re.compile(
    r"\\(?:left|right|operatorname|begin\{bmatrix\}|end\{bmatrix\})|\\frac\{\\partial[^{}]*(?:\{[^{}]*\}"
    r"[^{}]*)?\}|(?<=sum)_\{[^{}]*\}\^\{[^{}]*\}|(?<=prod)_\{[^{}]*\}\^\{[^{}]*\}|[\s{}^_&]"
)
_SIGN = re.compile(r"\\[A-Za-z]+")
_PAIR = re.compile(r"(\\left\(|\\right\))")


def _width(source: str) -> int:
    """About how many characters wide a source is in print: of a fraction, only what is below."""
    return len(_SIGN.sub("x", _UNSEEN.sub("", source)))


@singledispatch
def cut(expr: MatrixExpr, style: Style) -> list[str]:
    """The lines of a long ``expr``; one where there is no good place to cut."""
    return latex_terms(expr, style)


@cut.register
def _(expr: MatAdd, style: Style) -> list[str]:
    """A sum at its signs, and a term that is too long by itself inside."""
    lines: list[str] = []
    sources = {typeset(part, style).source: part for part in expr.args}
    for term in latex_terms(expr, style):
        inner = next((source for source in sources if term.endswith(source)), "")
        if _width(term) <= LONGEST_LINE or not inner:
            lines.append(term)
            continue
        first, *rest = cut(sources[inner], style)
        lines += [term.removesuffix(inner) + first, *rest]
    return lines


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
def _cut_product(expr: nodes.Scale | MatMul | HadamardProduct, style: Style) -> list[str]:
    """A product cut inside the longest sum among its factors, else between two factors."""
    source = typeset(expr, style).source
    longest = max(_sums(expr), key=lambda part: len(typeset(part, style).source), default=None)
    if longest is None:
        return _between_factors(expr, style)
    before, found, after = source.partition(bracketed(typeset(longest, style).source))
    if not found:
        return [source]
    first, *rest, last = _bracketed_lines(longest, style)
    opening, closing = _PAIR.split(before), _PAIR.split(after)
    end = _unpaired(closing)
    tail = [last + end]
    if _width(last + end) > LONGEST_LINE and end.startswith(r" \operatorname"):
        tail = [last, rf"\cdot{end}"]
    return [_unpaired(opening) + first, *rest, *tail]


def _between_factors(expr: nodes.Scale | MatMul | HadamardProduct, style: Style) -> list[str]:
    """A matrix product with a dot where a new line begins."""
    source = typeset(expr, style).source
    parts = [at_least(typeset(factor, style), Level.PRODUCT, bracketed) for factor in expr.args]
    parts[-1] = at_least(typeset(expr.args[-1], style), Level.OPEN, bracketed)
    if expr.func is not MatMul or " ".join(parts) != source:
        return [source]
    lines = [parts[0]]
    for part in parts[1:]:
        if _width(lines[-1] + part) > LONGEST_LINE:
            lines.append(rf"\cdot {part}")
        else:
            lines[-1] += f" {part}"
    return lines


def _sums(expr: MatrixExpr) -> Iterator[MatrixExpr]:
    """The sums among the factors of nested products."""
    for factor in expr.args:
        if factor.func is MatAdd:
            yield factor
        elif factor.func in (nodes.Scale, MatMul, HadamardProduct):
            yield from _sums(factor)


def _unpaired(parts: list[str]) -> str:
    """The source with brackets of fixed size where TeX cannot pair them on one line."""
    opened: list[int] = []
    for place, part in enumerate(parts):
        if part == r"\left(":
            opened.append(place)
        elif part == r"\right)" and opened:
            opened.pop()
        elif part == r"\right)":
            parts[place] = _CLOSE
    for place in opened:
        parts[place] = _OPEN
    return "".join(parts)
