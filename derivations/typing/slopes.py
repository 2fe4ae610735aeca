"""Slopes of the functions that a cell defines, derived from their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.forward import pushforward
from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import map_leaves
from derivations.language.tree import Call

if TYPE_CHECKING:
    from derivations.typing.elaborate import Elaborator


def defined_slope(builder: Elaborator, node: Call) -> MatrixExpr:
    """φ′ of a function that the cell defines: its body differentiated, then applied."""
    definition = builder.functions[node.function]
    shape = builder.shape(node) or (1, 1)
    arguments = [builder.matrix(argument, shape) for argument in node.args]
    placeholders = [
        Variable(f"{node.function} {parameter}", (), *shape) for parameter in definition.parameters
    ]
    builder.inference.expression(definition.body, dict.fromkeys(definition.parameters, shape))
    saved = builder.local
    builder.local = dict(zip(definition.parameters, placeholders, strict=True))
    body = builder.matrix(definition.body, shape)
    builder.local = saved
    for _ in range(node.order):
        body = pushforward(
            body, lambda v: build.ones(*shape) if v == placeholders[0] else build.zeros(v.shape)
        )
    bound = dict(zip(placeholders, arguments, strict=True))
    return map_leaves(body, lambda leaf: bound.get(leaf, leaf))
