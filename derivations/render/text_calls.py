"""The text language: names, constants and everything written as a call."""

from __future__ import annotations

from sympy.matrices.expressions import Identity, ZeroMatrix

from derivations.expressions import nodes
from derivations.functions import lookup
from derivations.render.names import slot_name, text_index, text_name
from derivations.render.style import Style
from derivations.render.text_base import bracketed, broadcast, call, number, rule, typeset
from derivations.render.typeset import Level, Typeset, at_least, negated


@rule.register
def _(expr: nodes.Variable, style: Style) -> Typeset:
    return Typeset(text_name(style.display(expr.name), expr.steps), Level.ATOM)


@rule.register
def _(expr: nodes.Adjoint, style: Style) -> Typeset:
    return Typeset(f"d{style.loss}/d{typeset(expr.variable, style).source}", Level.UNARY)


@rule.register
def _(expr: nodes.Tangent, style: Style) -> Typeset:
    return call("tangent", typeset(expr.variable, style).source)


@rule.register
def _(expr: nodes.Jacobian, style: Style) -> Typeset:
    source = f"d{typeset(expr.numerator, style).source}/d{typeset(expr.denominator, style).source}"
    if expr.immediate:
        return Typeset(f"direct {source}", Level.OPEN)
    return Typeset(source, Level.UNARY)


@rule.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    if expr.shape == (1, 1):
        return number(expr.value)
    ones = call("ones", *map(text_index, expr.shape))
    if expr.value == 1:
        return ones
    if expr.value.could_extract_minus_sign():
        return negated(typeset(nodes.Constant(-expr.value, *expr.shape), style), bracketed)
    value = at_least(number(expr.value), Level.ELEMENTWISE, bracketed)
    return Typeset(f"{value} * {ones.source}", Level.ELEMENTWISE)


@rule.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    if expr.shape == (1, 1):
        return Typeset("0", Level.ATOM)
    return call("zeros", *map(text_index, expr.shape))


@rule.register
def _(expr: Identity, style: Style) -> Typeset:
    return call("eye", text_index(expr.shape[0]))


@rule.register
def _(expr: nodes.Apply, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    row = lookup(expr.function)
    arity = row.arity if row else len(arguments)
    if arity == 1 and not any(expr.orders[1:]):
        return call(expr.function + "'" * expr.orders[0], *arguments)
    result = call(expr.function, *arguments)
    for slot, order in enumerate(expr.orders, start=1):
        for _ in range(order):
            result = call("partial", result.source, str(slot))
    return result


@rule.register
def _(expr: nodes.Map, style: Style) -> Typeset:
    arguments = [broadcast(argument, style).source for argument in expr.arguments]
    return call(text_name(expr.name, expr.steps), *arguments)


@rule.register
def _(expr: nodes.MapPartial, style: Style) -> Typeset:
    name = slot_name(expr)
    if not name:
        return call("partial", typeset(expr.map, style).source, str(expr.slot + 1))
    arguments = [broadcast(argument, style).source for argument in expr.map.arguments]
    function = text_name(expr.map.name, expr.map.steps)
    return Typeset(call(f"d{function}/d{name}", *arguments).source, Level.UNARY)


@rule.register
def _(expr: nodes.Softmax, style: Style) -> Typeset:
    return call("softmax", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.LogSoftmax, style: Style) -> Typeset:
    return call("log", f"softmax({typeset(expr.arg, style).source})")


@rule.register
def _(expr: nodes.LogSumExp, style: Style) -> Typeset:
    return call("logsumexp", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.SpectralNorm, style: Style) -> Typeset:
    return call("norm", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.SmallestSingular, style: Style) -> Typeset:
    return call("sigma_min", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.Determinant, style: Style) -> Typeset:
    return call("det", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.MatrixExponential, style: Style) -> Typeset:
    return call("expm", typeset(expr.arg, style).source)


@rule.register
def _(expr: nodes.Diag, style: Style) -> Typeset:
    return call("diag", typeset(expr.vector, style).source)


@rule.register
def _(expr: nodes.Kron, style: Style) -> Typeset:
    return call("kron", typeset(expr.left, style).source, typeset(expr.right, style).source)


@rule.register
def _(expr: nodes.Vec, style: Style) -> Typeset:
    return call("vec", typeset(expr.matrix, style).source)


@rule.register
def _(expr: nodes.Unvec, style: Style) -> Typeset:
    return call("unvec", typeset(expr.vector, style).source, *map(text_index, expr.shape))


@rule.register
def _(expr: nodes.Commutation, style: Style) -> Typeset:
    return call("commutation", *map(text_index, expr.args))


@rule.register
def _(expr: nodes.Diagonalizer, style: Style) -> Typeset:
    return call("diagonalizer", text_index(expr.size))


@rule.register
def _(expr: nodes.Entry, style: Style) -> Typeset:
    inner = typeset(expr.matrix, style).source
    place = f"[{text_index(expr.row)},{text_index(expr.col)}]"
    # Beside a time index, or behind an operation, an entry needs brackets to be told apart.
    bare = expr.matrix.func in (nodes.Variable, nodes.Adjoint) and not expr.matrix.steps
    return Typeset((inner if bare else bracketed(inner)) + place, Level.ATOM)


@rule.register
def _(expr: nodes.Blocks, style: Style) -> Typeset:
    rows = [[typeset(block, style).source for block in row] for row in expr.grid]
    beside = [call("hstack", *row).source if len(row) > 1 else row[0] for row in rows]
    return call("concat", *beside) if len(rows) > 1 else call("hstack", *rows[0])
