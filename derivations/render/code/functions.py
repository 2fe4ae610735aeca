"""Elementwise functions and arbitrary maps: the table's code, or what the caller gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions.nodes import Apply, Map, MapPartial
from derivations.functions import lookup
from derivations.functions.row import Function
from derivations.render.code.code import (
    ATOM,
    Code,
    aligned_code,
    has_axis,
    tuple_text,
    typed,
    union,
)
from derivations.render.code.parameter_slopes import parameter_slope
from derivations.render.code.scope import Scope
from derivations.render.code.slopes import CodeSpace, Text, text

Dense = Callable[[MatrixExpr, Scope], Code]


def applied(node: Apply, arguments: list[Code], scope: Scope) -> Code:
    """An elementwise function or a slope of one."""
    labels, rank = union(arguments, scope.labels), max(a.rank for a in arguments)
    shown = [_as_argument(aligned_code(a, labels, rank), scope) for a in arguments]
    row = lookup(node.function)
    if row is None:
        called_ = _given(node, [code.text for code in shown], scope)
        return replace(typed(called_, ATOM, arguments, scope.labels), number=False)
    # A template may repeat its argument.
    named = (
        [
            code if code.level == ATOM and len(code.text) < 24 else scope.named(code)
            for code in shown
        ]
        if _repeats(row, node, scope)
        else shown
    )
    scope.needs.row(row)
    if not any(node.orders):
        texts = [code.text for code in named[: row.arity]]
        value = row.code(scope.dialect.name, *texts, *(code.atom for code in named[row.arity :]))
        return replace(typed(value, ATOM, arguments, scope.labels), number=False)
    slope, level = _slope(row, node, named, scope)
    return replace(typed(slope, level, arguments, scope.labels), number=False)


def _as_argument(code: Code, scope: Scope) -> Code:
    if not code.number:
        return code
    text = scope.dialect.scalar(code.text)
    return code if text == code.text else replace(code, text=text, level=ATOM)


def _repeats(row: Function, node: Apply, scope: Scope) -> bool:
    return (
        any(node.orders)
        or row.code(scope.dialect.name, *("\0",) * row.arity).count("\0") > row.arity
    )


def _slope(row: Function, node: Apply, arguments: list[Code], scope: Scope) -> tuple[str, int]:
    if sum(node.orders) > 1:
        raise MissingRule(f"{scope.dialect.title} code", f"the second derivative of {row.name}")
    wrt = node.orders.index(1)
    given = [Text(code.text, code.level) for code in arguments]
    space = CodeSpace(scope.dialect.name, scope.dialect.where, scope.needs.row_named)
    if wrt >= row.arity:
        made = parameter_slope(row, given, wrt, space)
        return made.source, made.level
    value = Text(row.code(scope.dialect.name, *(code.atom for code in arguments)))
    inside = given[0] if row.arity == 1 else tuple(given[: row.arity])
    found = row.slope_in(space, inside, value, *given[row.arity :], wrt=wrt)
    made = text(found)
    return made.source, made.level


def _given(node: Apply, arguments: list[str], scope: Scope) -> str:
    """An arbitrary elementwise function, which the caller gives."""
    name = scope.needs.argument(scope.names, node.function, any(node.orders), elementwise=True)
    if not any(node.orders):
        return f"entrywise({', '.join([repr(name), name, *arguments])})"
    if sum(node.orders) > 1:
        raise MissingRule(
            f"{scope.dialect.title} code", f"the second derivative of {node.function}"
        )
    return scope.dialect.slope(name, node.orders.index(1), arguments)


def called(node: Map, scope: Scope, dense: Dense) -> Code:
    """An arbitrary map of one example at one step, called for all of them."""
    texts, ranks, parts = _arguments(node, scope, dense)
    name = scope.needs.argument(scope.names, node.name, False)
    head = [repr(name), name, _shape(node.shape, scope), tuple_text(ranks)]
    return _result(f"each({', '.join([*head, *texts])})", parts, node.shape, scope)


def pulled_back(partial: MapPartial, cotangent: Code, scope: Scope, dense: Dense) -> Code:
    """The transposed Jacobian of a map times a cotangent (a column), without the Jacobian."""
    node = partial.map
    texts, ranks, parts = _arguments(node, scope, dense)
    rows, cols = (has_axis(extent) for extent in node.shape)
    shown = cotangent
    if rows and cols:
        extents = [scope.number(extent) for extent in node.shape]
        text = (
            f"{cotangent.atom}.reshape(*{cotangent.atom}.shape[:-1], {extents[1]}, {extents[0]}).mT"
        )
        shown = replace(cotangent, text=text, level=ATOM)
    name = scope.needs.argument(scope.names, node.name, True)
    argument = node.arguments[partial.slot]
    told = f"{name}_vjp" if scope.dialect.derivatives else name
    head = [
        repr(told), scope.dialect.pullback(name, len(node.steps) + partial.slot),
        _shape(argument.shape, scope), tuple_text([str(rows + cols), *ranks]), shown.text,
    ]  # fmt: skip
    text = f"each({', '.join([*head, *texts])})"
    found = _result(text, [cotangent, *parts], argument.shape, scope)
    if found.rank < 2:
        return replace(found, rows=found.rank == 1, cols=False)
    return replace(found, text=f"{found.text}.mT.reshape(*{found.text}.shape[:-2], -1)", cols=False)


def _shape(shape: tuple[Expr, Expr], scope: Scope) -> str:
    """The shape of one example at one step; ``None`` for what only the caller's function knows."""
    known = scope.needs.sizes
    extents = [
        scope.number(extent) if extent.free_symbols <= known else "None"
        for extent in shape
        if has_axis(extent)
    ]
    return tuple_text(extents) if extents else "()"


def _arguments(node: Map, scope: Scope, dense: Dense) -> tuple[list[str], list[str], list[Code]]:
    parts = [scope.step(step) for step in node.steps]
    ranks = ["0"] * len(parts)
    for argument in node.arguments:
        code = dense(argument, scope)
        parts.append(code)
        ranks.append(str(code.rank))
    labels = union(parts, scope.labels)
    texts = [_spread(code, labels) for code in parts]
    return texts, ranks, parts


def _spread(code: Code, labels: tuple[Symbol, ...]) -> str:
    return aligned_code(code, labels, code.rank).text


def _result(text: str, parts: list[Code], shape: tuple[Expr, Expr], scope: Scope) -> Code:
    axes = [has_axis(extent) for extent in shape]
    return Code(
        text, ATOM, union(parts, scope.labels), any(p.batched for p in parts), axes[0], axes[1]
    )
