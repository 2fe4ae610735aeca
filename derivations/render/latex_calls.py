"""LaTeX of calls: functions, arbitrary maps and their derivatives, matrices made of others."""

from __future__ import annotations

import re

from sympy.matrices.expressions import ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.functions import lookup
from derivations.render.latex_base import bracketed, broadcast, call, rule, sized, tall, typeset
from derivations.render.names import latex_index, latex_name, slot_name
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset

_ONE_SYMBOL = re.compile(
    r"\\?[A-Za-z]+|\\operatorname\{\w+\}|.*[_^]\{[^{}]*\}|\\[a-z]+\{\\?[A-Za-z]+\}"  # an accent
)


def _operator(name: str, *arguments: str) -> Typeset:
    return Typeset(call(rf"\operatorname{{{name}}}", *arguments), Level.ATOM)


def _arguments(expr: nodes.Apply | nodes.Map, style: Style) -> list[str]:
    return [broadcast(argument, style).source for argument in expr.arguments]


@rule.register
def _(expr: nodes.Apply, style: Style) -> Typeset:
    """φ(z), φ′(z), φ^{(4)}(z), ∂_{2} φ(a, b)."""
    arguments = _arguments(expr, style)
    row = lookup(expr.function)
    head = row.latex if row else latex_name(expr.function)
    if not any(expr.orders):
        if row and row.latex_form and len(arguments) == 1:
            return Typeset(row.latex_form % arguments[0], Level.UNARY)
        return Typeset(call(head, *arguments), Level.ATOM)
    arity = row.arity if row else len(arguments)
    if arity == 1 and not any(expr.orders[1:]):
        return Typeset(call(_derived_name(head, expr.orders[0]), *arguments), Level.ATOM)
    slots = enumerate(expr.orders, start=1)
    operators = [rf"\partial_{{{slot}}}" + _times(order) for slot, order in slots if order]
    return Typeset(" ".join([*operators, call(head, *arguments)]), Level.UNARY)


def _times(order: int) -> str:
    return f"^{{{order}}}" if order > 1 else ""


def _derived_name(head: str, order: int) -> str:
    name = head if _ONE_SYMBOL.fullmatch(head) else bracketed(head)
    return name + ("'" * order if order < 4 else f"^{{({order})}}")


@rule.register
def _(expr: nodes.Map, style: Style) -> Typeset:
    return Typeset(call(latex_name(expr.name, expr.steps), *_arguments(expr, style)), Level.ATOM)


@rule.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    """∂f/∂h (x, h, w), or ∂_{2} f(x, h, w) where no name tells the slot."""
    function, name = latex_name(expr.map.name, expr.map.steps), slot_name(expr)
    if not name:
        source = rf"\partial_{{{expr.slot + 1}}} {typeset(expr.map, style).source}"
        return Typeset(source, Level.UNARY)
    fraction = rf"\frac{{\partial {function}}}{{\partial {latex_name(name)}}}"
    return Typeset(call(fraction, *_arguments(expr.map, style)), Level.UNARY)


def gradient_of_map(expr: nodes.MapPartial, style: Style) -> str:
    """∇_{h} ℓ(h), the column of partial derivatives of a scalar map."""
    name = slot_name(expr)
    below = latex_name(name) if name else str(expr.slot + 1)
    return rf"\nabla_{{{below}}} {typeset(expr.map, style).source}"


@rule.register
def _(expr: nodes.Softmax, style: Style) -> Typeset:
    return _operator("softmax", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.LogSoftmax, style: Style) -> Typeset:
    inner = _operator("softmax", typeset(expr.arg, style).source)
    return Typeset(call(r"\log", inner.source), Level.ATOM)


@rule.register
def _(expr: nodes.LogSumExp, style: Style) -> Typeset:
    return _operator("logsumexp", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.SpectralNorm, style: Style) -> Typeset:
    inner = typeset(expr.arg, style).source
    delimiters = (r"\left\lVert", r"\right\rVert") if tall(inner) else (r"\lVert", r"\rVert")
    return Typeset(f"{delimiters[0]} {inner} {delimiters[1]}", Level.ATOM)


@rule.register
def _(expr: nodes.SmallestSingular, style: Style) -> Typeset:
    return Typeset(call(r"\sigma_{\min}", typeset(expr.arg, style).source), Level.ATOM)


@rule.register
def _(expr: nodes.Determinant, style: Style) -> Typeset:
    return Typeset(call(r"\det", typeset(expr.arg, style).source), Level.ATOM)


@rule.register
def _(expr: nodes.MatrixExponential, style: Style) -> Typeset:
    """exp(A); an elementwise exp of a matrix is an :class:`Apply` and looks the same."""
    return Typeset(call(r"\exp", typeset(expr.arg, style).source), Level.ATOM)


@rule.register
def _(expr: nodes.Diag, style: Style) -> Typeset:
    return _operator("diag", typeset(expr.vector, style).source)


@rule.register
def _(expr: nodes.Vec, style: Style) -> Typeset:
    return _operator("vec", typeset(expr.matrix, style).source)


@rule.register
def _(expr: nodes.Unvec, style: Style) -> Typeset:
    sizes = r" \times ".join(latex_index(size) for size in expr.shape)
    name = rf"\operatorname{{unvec}}_{{{sizes}}}"
    return Typeset(call(name, typeset(expr.vector, style).source), Level.ATOM)


@rule.register
def _(expr: nodes.Entry, style: Style) -> Typeset:
    inner = typeset(expr.matrix, style).source
    place = [expr.row] if expr.matrix.shape[1] == 1 else [expr.row, expr.col]
    return Typeset(rf"\left[{inner}\right]_{{{','.join(map(latex_index, place))}}}", Level.ATOM)


@rule.register
def _(expr: nodes.Blocks, style: Style) -> Typeset:
    high = any(tall(typeset(block, style).source) for block in expr.blocks)
    open_ = _open(expr.grid) | _open(tuple(zip(*expr.grid, strict=True)))
    rows = [
        " & ".join(_stated_zero(b) if b in open_ else sized(b, style).source for b in row)
        for row in expr.grid
    ]
    break_ = r" \\[4pt] " if high else r" \\ "
    return Typeset(rf"\begin{{bmatrix}} {break_.join(rows)} \end{{bmatrix}}", Level.ATOM)


def _open(rows: tuple[tuple[MatrixExpr, ...], ...]) -> frozenset[MatrixExpr]:
    """The zeros of all rows of zeros, if there are two: nothing else says how high each one is."""
    blank = [row for row in rows if all(isinstance(block, ZeroMatrix) for block in row)]
    return frozenset(block for row in blank for block in row) if len(blank) > 1 else frozenset()


def _stated_zero(block: MatrixExpr) -> str:
    rows, cols = (bracketed(latex_index(e)) if e.is_Add else latex_index(e) for e in block.shape)
    return rf"0_{{{rows} \times {cols}}}"
