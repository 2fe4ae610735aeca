"""Coordinates: Graphviz lays out one step, and its copies stand side by side.

``dot`` (Gansner, Koutsofios, North and Vo 1993) sees every variable once, so that a variable
stands at the same height in all columns, and a step looks the same wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from derivations.unrolled.columns import Column, Columns, Key
from derivations.unrolled.graph import Edge, Node
from derivations.unrolled.graphviz import HEIGHT, INCH, Point, boxes, point
from derivations.unrolled.routes import Route, routes

APART, UP = 18.0, 44.0
"""Between the outlines of two nodes in a row, and of those in two rows."""
GUTTER, MARGIN, HEADING = 54.0, 16.0, 32.0
"""Between the nodes of two columns, beside all columns, and above all edges."""
LETTER = 7.0
"""Pixels of a letter of a heading."""


@dataclass(frozen=True)
class Layout:
    """Coordinates of everything, in pixels from the upper left."""

    columns: Columns

    @cached_property
    def _step(self) -> dict[Key, Point]:
        """Every variable once, as ``dot`` places it."""
        numbers: dict[Key, str] = {}
        widths: dict[Key, float] = {}
        for node in self.columns.nodes:
            key = self.columns.key(node)
            numbers.setdefault(key, str(len(numbers)))
            widths[key] = max(widths.get(key, 0.0), self.columns.width_of(node))
        graph = boxes(rankdir="BT", splines="false", nodesep=APART / INCH, ranksep=UP / INCH)
        for key, number in numbers.items():
            graph.add_node(number, width=widths[key] / INCH)
        for edge in self.columns.edges:
            ends = self.columns.of[edge.used], self.columns.of[edge.user]
            # What is read over a delay or from another axis does not say what is above what.
            if self.columns.inner(edge) or not all(map(self.columns.timed, ends)):
                graph.add_edge(*(numbers[self.columns.key(n)] for n in (edge.used, edge.user)))
        graph.layout("dot")
        return {key: point(graph.get_node(n).attr["pos"]) for key, n in numbers.items()}

    @cached_property
    def _extents(self) -> dict[Column, tuple[float, float]]:
        """By column, how far its nodes reach in the layout of a step, or its heading would."""
        found = {}
        for column, nodes in self.columns.members.items():
            ends = [
                self._step[self.columns.key(node)][0] + side * self.columns.width_of(node) / 2
                for node in nodes
                for side in (-1, 1)
            ]
            words = LETTER * len(self.columns.heading(column)) - GUTTER
            more = max(words - (max(ends) - min(ends)), 0.0) / 2
            found[column] = (min(ends) - more, max(ends) + more)
        return found

    @cached_property
    def bands(self) -> dict[Column, tuple[float, float]]:
        """Left and right edge of every column, half of the gutters beside it included."""
        found, left = {}, MARGIN
        for column, (low, high) in self._extents.items():
            found[column] = (left, left + high - low + GUTTER)
            left = found[column][1]
        return found

    @cached_property
    def _places(self) -> dict[Node, Point]:
        """The middle of every node, from any height."""
        found = {}
        for node, column in self.columns.of.items():
            x, y = self._step[self.columns.key(node)]
            found[node] = (x + self.bands[column][0] + GUTTER / 2 - self._extents[column][0], y)
        return found

    @cached_property
    def _routes(self) -> dict[Edge, Route]:
        return routes(self.columns, self._places)

    @cached_property
    def _heights(self) -> tuple[float, float]:
        """What nodes and edges reach up and down to: an edge may pass above all nodes."""
        found = [y + side * HEIGHT / 2 for _, y in self._places.values() for side in (-1, 1)]
        found += [y for route in self._routes.values() for _, y in route.along]
        return min(found), max(found)

    @property
    def across(self) -> float:
        """Width of the picture."""
        return max(right for _, right in self.bands.values()) + MARGIN

    @property
    def down(self) -> float:
        """Height of the picture."""
        return HEADING + self._heights[1] - self._heights[0] + MARGIN

    @cached_property
    def points(self) -> dict[Node, Point]:
        """The middle of every node."""
        by = HEADING - self._heights[0]
        return {node: (x, y + by) for node, (x, y) in self._places.items()}

    @cached_property
    def routes(self) -> dict[Edge, Route]:
        """The way of every edge."""
        by = HEADING - self._heights[0]
        return {edge: route.lower(by) for edge, route in self._routes.items()}
