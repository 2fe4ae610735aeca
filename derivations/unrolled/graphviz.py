"""Graphviz, through the library that pygraphviz brings along: boxes in, places out."""

from __future__ import annotations

from typing import Any

Point = tuple[float, float]
HEIGHT = 28.0
"""Of a node, in pixels."""
INCH = 72.0
"""Graphviz measures nodes in inches and places in points; a point is a pixel here."""


def boxes(**attributes: object) -> Any:
    """A graph without nodes yet; they are boxes that Graphviz writes nothing into."""
    from pygraphviz import AGraph

    graph = AGraph(directed=True, **attributes)
    graph.node_attr.update(shape="box", fixedsize="true", height=HEIGHT / INCH, label="")
    return graph


def point(place: str) -> Point:
    """A place as Graphviz writes it; it counts heights from below, a picture from above."""
    x, y = place.split(",")
    return float(x), -float(y)
