"""The picture of a cell on its page: what reads what at every step."""

from __future__ import annotations

from markupsafe import Markup
from sympy import Integer

from derivations.cell import Cell
from derivations.errors import InputError
from derivations.unrolled.drawn import STEPS, Drawn
from derivations.unrolled.graph import unrolled


def cell_figure(cell: Cell) -> Markup:
    """The unrolled computation graph as SVG; empty for a topic, and if it is too large to see."""
    if not cell.axes:
        return Markup("")
    ends = {axis.upper: Integer(STEPS) for axis in cell.axes}
    try:
        graph = unrolled(cell, ends)
    except InputError:  # it has too many edges, and nobody asked for it
        return Markup("")
    return Markup(Drawn(graph, None, cell.title or "a cell", "", "").svg())
