"""Edges past the nodes, as Graphviz routes them between fixed places.

A shortest way around the nodes becomes a curve (Dobkin, Gansner, Koutsofios and North 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from derivations.unrolled.columns import Columns
from derivations.unrolled.graph import Edge, Node
from derivations.unrolled.graphviz import INCH, Point, boxes, point

TIP, CLEAR = 7.0, 5.0
"""Length of an arrow head, and how far an edge stays from nodes that it passes."""
PARTS = 24
"""Points that a curve is looked at in."""
Frame = tuple[tuple[tuple[int, float], tuple[int, float]], tuple[float, float]]
"""The first and the last column, and the least and the greatest distance from above."""


@dataclass(frozen=True)
class Route:
    """An edge.

    Attributes:
        curve: the control points of cubic Bézier curves, each of which starts where the one
            before it ends.
        tip: where the arrow head ends, on the outline of the reader.
    """

    curve: tuple[Point, ...]
    tip: Point

    @property
    def along(self) -> list[Point]:
        """Points on the curves, close together."""
        steps = [part / PARTS for part in range(PARTS + 1)]
        return [
            _bezier(self.curve[first : first + 4], t)
            for first in range(0, len(self.curve) - 1, 3)
            for t in steps
        ]

    def lower(self, by: float) -> Route:
        """The same further down."""
        return Route(tuple((x, y + by) for x, y in self.curve), (self.tip[0], self.tip[1] + by))


def routes(columns: Columns, places: Mapping[Node, Point]) -> dict[Edge, Route]:
    """Every edge; those of one frame together, past all that stands in it."""
    frames: dict[Frame, list[Edge]] = {}
    for edge in columns.edges:
        frames.setdefault(_frame(columns, places, edge), []).append(edge)
    found: dict[Edge, Route] = {}
    for ((left, right), (high, low)), edges in frames.items():
        there = {
            node: place
            for node, place in places.items()
            if left <= columns.of[node] <= right and high <= place[1] <= low
        }
        found.update(_routed(columns, there, edges))
    return found


def _frame(columns: Columns, places: Mapping[Node, Point], edge: Edge) -> Frame:
    """The columns and heights from end to end: a shortest way need not leave them.

    Between two rows there is always room to pass. Without frames, the time would grow with the
    third power of the nodes of all steps. Edges from axis to axis are many, and each has most
    columns before it, so that they share all of them.
    """
    left, right = sorted(columns.of[node] for node in (edge.used, edge.user))
    high, low = sorted(places[node][1] for node in (edge.used, edge.user))
    if left[0] != right[0]:
        return ((left[0], -inf), (right[0], inf)), (high, low)
    return (left, right), (high, low)


def _routed(
    columns: Columns, places: Mapping[Node, Point], edges: Sequence[Edge]
) -> Iterator[tuple[Edge, Route]]:
    graph = boxes(splines="true", esep=f"+{CLEAR:g}", notranslate="true")
    graph.edge_attr.update(arrowsize=TIP / 10)
    numbers = {node: str(number) for number, node in enumerate(places)}
    for node, number in numbers.items():
        x, y = places[node]
        graph.add_node(number, pos=f"{x},{-y}", width=columns.width_of(node) / INCH)
    for edge in edges:
        graph.add_edge(numbers[edge.used], numbers[edge.user])
    graph.layout("nop")
    for edge in edges:
        drawn = graph.get_edge(numbers[edge.used], numbers[edge.user]).attr["pos"]
        tip, *curve = map(point, drawn.removeprefix("e,").split())
        yield edge, Route(tuple(curve), tip)


def _bezier(corners: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * c[i] for w, c in zip(weights, corners, strict=True)) for i in (0, 1))
    return x, y
