"""LaTeX of calls: elementwise functions, arbitrary maps, and the derivatives of both."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivations.expressions import nodes
from derivations.functions import lookup
from derivations.render.names import latex_name

_TALL = re.compile(r"\\(frac|sum|prod|left|begin|mathop|sqrt)\b")
_ONE_SYMBOL = re.compile(r"\\?[A-Za-z]+|\\operatorname\{\w+\}|.*[_^]\{[^{}]*\}")


def tall(source: str) -> bool:
    """Whether the source is higher than a line."""
    return _TALL.search(source) is not None


def bracketed(source: str) -> str:
    """``source`` in round brackets that are as high as it is."""
    return rf"\left({source}\right)" if tall(source) else f"({source})"


def call(function: str, *arguments: str) -> str:
    """``function(arguments)``."""
    return function + bracketed(", ".join(arguments))


def function_application(expr: nodes.Apply, arguments: Sequence[str]) -> str:
    """An elementwise function or its slope: φ(z), φ′(z), φ^{(4)}(z), ∂_{2} φ(a, b)."""
    row = lookup(expr.function)
    head = row.latex if row else latex_name(expr.function)
    if not any(expr.orders):
        if row and row.latex_form and len(arguments) == 1:
            return row.latex_form % arguments[0]
        return call(head, *arguments)
    arity = row.arity if row else len(arguments)
    if arity == 1 and not any(expr.orders[1:]):
        return call(_derived_name(head, expr.orders[0]), *arguments)
    slots = enumerate(expr.orders, start=1)
    operators = [rf"\partial_{{{slot}}}" + _times(order) for slot, order in slots if order]
    return " ".join([*operators, call(head, *arguments)])


def _times(order: int) -> str:
    return f"^{{{order}}}" if order > 1 else ""


def _derived_name(head: str, order: int) -> str:
    name = head if _ONE_SYMBOL.fullmatch(head) else bracketed(head)
    return name + ("'" * order if order < 4 else f"^{{({order})}}")


def slot_name(expr: nodes.MapPartial) -> str:
    """Name of the argument that tells the slot from all others; empty where none does."""
    names = [getattr(argument, "name", "") for argument in expr.map.arguments]
    name = names[expr.slot]
    return name if name and names.count(name) == 1 else ""


def derivative_of_map(expr: nodes.MapPartial, arguments: Sequence[str]) -> str:
    """∂f/∂h (x, h, w), or ∂_{2} f(x, h, w) where no name tells the slot."""
    function, name = latex_name(expr.map.name, expr.map.steps), slot_name(expr)
    if name:
        fraction = rf"\frac{{\partial {function}}}{{\partial {latex_name(name)}}}"
        return call(fraction, *arguments)
    return rf"\partial_{{{expr.slot + 1}}} " + call(function, *arguments)


def gradient_of_map(expr: nodes.MapPartial, arguments: Sequence[str]) -> str:
    """∇_{h} ℓ(h), the column of partial derivatives of a scalar map."""
    function, name = latex_name(expr.map.name, expr.map.steps), slot_name(expr)
    below = latex_name(name) if name else str(expr.slot + 1)
    return rf"\nabla_{{{below}}} " + call(function, *arguments)
