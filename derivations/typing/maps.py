"""Arbitrary maps ``f(x, h, w)`` and scalar losses ``ell(p, y)``, and their partial derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Integer
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Map, MapPartial
from derivations.expressions.traverse import nodes_in
from derivations.functions import lookup
from derivations.language.tree import Call, SlotDerivative
from derivations.typing.builtins import BUILTINS
from derivations.typing.sized import SIZED
from derivations.typing.sizes import Shape

if TYPE_CHECKING:
    from derivations.typing.elaborate import Elaborator
    from derivations.typing.infer import Inference

ONE = Integer(1)


def maps_of(cell: Cell) -> dict[str, Shape]:
    """The arbitrary maps of a cell and the shapes of what they return."""
    return {
        node.name: node.shape
        for definition in cell.definitions
        for piece in definition.pieces
        for node in nodes_in(piece.value, Map)
    }


def is_map(node: Call) -> bool:
    """Whether a call is of an arbitrary map of several arguments: ``f(x, h, w)``."""
    named = node.function in BUILTINS or node.function in SIZED
    return len(node.args) > 1 and not named and lookup(node.function) is None


def map_shape(inference: Inference, node: Call) -> Shape | None:
    """The shape of a call of an arbitrary map; None for any other call.

    A map has one result shape, however often it is called.
    """
    scalar = id(node) in inference.scalar_calls
    if not scalar and not is_map(node) and node.function not in inference.maps:
        return None
    if scalar:
        return inference.maps.setdefault(node.function, (ONE, ONE))
    if node.function not in inference.maps:
        inference.maps[node.function] = (inference.sizes.fresh(), ONE)
    return inference.maps[node.function]


def slot_shape(inference: Inference, node: SlotDerivative) -> Shape | None:
    """∂f/∂(argument): vec(result) × vec(argument); elementwise functions keep their shape."""
    result = inference.visit(node.operand)
    call = innermost(node)
    argument = inference.shapes[id(call.args[node.slot - 1])] or (ONE, ONE)
    if map_shape(inference, call) is None:
        return result
    rows, cols = result or (ONE, ONE)
    return rows * cols, argument[0] * argument[1]


def innermost(node: SlotDerivative) -> Call:
    """The call whose argument is varied.

    Raises:
        InputError: there is none, or it has no such argument.
    """
    operand = node.operand
    while isinstance(operand, SlotDerivative):
        operand = operand.operand
    if not isinstance(operand, Call):
        raise InputError(
            "only a function has derivatives in its arguments",
            node.span,
            "write for example df/dh(x[t], h[t-1]), or partial(f(x, h), 2)",
        )
    if node.slot > len(operand.args):
        raise InputError(
            f"{operand.function} has {len(operand.args)} argument(s), not {node.slot}",
            node.span,
            "count the arguments from 1",
        )
    return operand


def build_slot(builder: Elaborator, node: SlotDerivative) -> MatrixExpr:
    """The typed derivative in one argument."""
    operand = builder.matrix(node.operand)
    if isinstance(operand, Map):
        return MapPartial(node.slot - 1, operand)
    if isinstance(operand, Apply):
        orders = list(operand.orders)
        orders[node.slot - 1] += 1
        return build.apply(operand.function, tuple(orders), *operand.arguments)
    raise InputError(
        "only first derivatives of an arbitrary map are read",
        node.span,
        "write for example partial(f(x, h), 2)",
    )
