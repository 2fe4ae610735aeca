"""Recurrences that are found without a loop, as calls of helpers."""

from __future__ import annotations

from derivations.program.blocks import Doubling, Joined
from derivations.render.code.code import has_axis
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names
from derivations.render.code.shapes import Shapes


def doubling_line(block: Doubling, names: Names, shapes: Shapes) -> str:
    """A state whose steps multiply entry by entry."""
    start = shapes.start(block.name, 1, block.over, block.forward)
    name, by, plus = map(names.value, (block.name, block.by, block.plus))
    return f"{name} = recurrence({by}, {plus}, {start}, {not block.forward})"


def joined_line(block: Joined, names: Names, shapes: Shapes, dialect: Dialect) -> str:
    """States whose steps multiply by a matrix; they start one below the other, too."""
    starts = []
    for state, lag in block.slots:
        start = shapes.start(state, lag, block.over, block.forward)
        column = has_axis(shapes.values[state].target.shape[0])
        starts.append(start if column else f"{start}[..., None]")
    start = starts[0] if len(starts) == 1 else dialect.joined(starts, -1)
    name, by, plus = map(names.value, (block.name, block.by, block.plus))
    return f"{name} = joined({by}, {plus}, {start}, {not block.forward})"
