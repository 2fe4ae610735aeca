"""Calls with known shapes as typed expressions, each kind by the table that knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import LogSoftmax, Map, MatrixExponential, Softmax
from derivations.functions import lookup
from derivations.language.tree import Call, Node, Number
from derivations.typing.blocks import is_grid
from derivations.typing.builtins import BUILTINS, rectified
from derivations.typing.maps import map_shape
from derivations.typing.numbers import rational
from derivations.typing.scope import index_value
from derivations.typing.sized import SIZED
from derivations.typing.sizes import Shape
from derivations.typing.slopes import defined_slope

if TYPE_CHECKING:
    from derivations.typing.elaborate import Elaborator


def build_call(builder: Elaborator, node: Call) -> MatrixExpr:
    """What a call stands for.

    A matrix of sizes, a built-in, a map, a function of the cell's own, or an elementwise function,
    known or arbitrary.

    Raises:
        InputError: its arguments are none that it takes.
    """
    if node.function in SIZED:
        return _sized(builder, node)
    if node.function in BUILTINS:
        numbers_kept = node.args if node.function != "rows" else node.args[:1]
        if is_grid(node):
            return build.blocks(
                [builder.matrix(block, _block(builder, block)) for block in row.args]
                for row in node.args
                if isinstance(row, Call)
            )
        values = [builder.matrix(a, _block(builder, a)) for a in numbers_kept]
        return BUILTINS[node.function].build(node, values)
    steps = [index_value(step, builder.letters) for step in node.indices]
    if map_shape(builder.inference, node) is not None:
        rows, cols = builder.shape(node) or (1, 1)
        return Map(node.function, steps, rows, cols, *(builder.matrix(a) for a in node.args))
    if node.function in builder.functions:
        return defined_slope(builder, node)
    positive = rectified(node)
    if positive is not None:
        return build.apply("relu", (0,), builder.matrix(positive, builder.shape(node)))
    row = lookup(node.function)
    args = [builder.matrix(argument) for argument in node.args]
    if node.function == "log" and not node.order and isinstance(args[0], Softmax):
        return LogSoftmax(args[0].arg)  # one node, computed without overflow
    if row is None:
        return build.apply(node.function, (node.order,), *args)
    if builder.matrix_powers and _is_matrix_exponential(node, args):
        return MatrixExponential(args[0])
    args += [build.constant(rational(p)) for p in row.defaults[len(args) - row.arity :]]
    return build.apply(row.name, (node.order,) + (0,) * (len(args) - 1), *args)


def _is_matrix_exponential(node: Call, args: list[MatrixExpr]) -> bool:
    """Whether this is ``\\exp`` of a square matrix, as mathematicians and derivations write it.

    In plain text ``exp`` acts entry by entry, as in NumPy, and ``expm`` is this one.
    """
    typed = node.span.text[node.span.column - 1 :]
    rows, cols = args[0].shape
    return (
        node.function == "exp"
        and not node.order
        and typed.startswith(r"\exp")
        and rows == cols != 1
    )


def _sized(builder: Elaborator, node: Call) -> MatrixExpr:
    """A matrix of sizes, typed or inferred."""
    row = SIZED[node.function]
    sizes = row.sizes(builder.inference, node) or list(builder.shape(node) or (1, 1))
    return row.build(sizes, [builder.matrix(a) for a in node.args[: row.values]])


def _block(builder: Elaborator, node: Node) -> Shape | None:
    """The shape of a number that stands for a block."""
    return builder.shape(node) if isinstance(node, Number) else None
