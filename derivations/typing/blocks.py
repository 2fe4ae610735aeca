"""Shapes of block matrices: ``concat`` puts blocks below each other, ``hstack`` side by side.

A number among blocks is a block of its own (``0``, or the 1 of ``[x; 1]``), as large as its
neighbours make it, and 1 wide or high where they leave that open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Integer

from derivations.language.tree import Call
from derivations.typing.sizes import Shape

if TYPE_CHECKING:
    from derivations.typing.infer import Inference

ONE = Integer(1)


def block_shapes(
    inference: Inference, call: Call, shapes: list[Shape | None]
) -> list[Shape | None]:
    """``shapes`` with open sizes for the numbers."""
    if all(shape is None for shape in shapes):
        return shapes
    found: list[Shape | None] = []
    for argument, shape in zip(call.args, shapes, strict=True):
        if shape is None:
            shape = (inference.sizes.fresh(), inference.sizes.fresh())
            inference.small.extend(shape)
            inference.shapes[id(argument)] = shape
        found.append(shape)
    return found


def stack(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    """The shape of blocks below each other; in a grid the columns of blocks line up."""
    _line_up(inference, call)
    for shape, argument in zip(shapes[1:], call.args[1:], strict=True):
        inference.unify(
            (ONE, shapes[0][1]), (ONE, shape[1]), argument, "a row above", "this argument"
        )
    return sum((shape[0] for shape in shapes), Integer(0)), shapes[0][1]


def beside(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    """The shape of blocks side by side."""
    for shape, argument in zip(shapes[1:], call.args[1:], strict=True):
        inference.unify(
            (shapes[0][0], ONE), (shape[0], ONE), argument, "the block before", "this block"
        )
    return shapes[0][0], sum((shape[1] for shape in shapes), Integer(0))


def is_grid(call: Call) -> bool:
    """Whether a call stacks rows of equally many blocks: a block matrix as LaTeX writes it."""
    rows = [row for row in call.args if isinstance(row, Call) and row.function == "hstack"]
    whole = call.function == "concat" and len(rows) == len(call.args)
    return whole and len({len(row.args) for row in rows}) == 1


def _line_up(inference: Inference, call: Call) -> None:
    """Equal widths down every column of a grid."""
    if not is_grid(call):
        return
    rows = [row for row in call.args if isinstance(row, Call)]
    for column in zip(*(row.args for row in rows), strict=True):
        first = inference.shapes[id(column[0])]
        for block in column[1:]:
            shape = inference.shapes[id(block)]
            if first is not None and shape is not None:
                inference.unify(
                    (ONE, first[1]), (ONE, shape[1]), block, "the block above", "this block"
                )
