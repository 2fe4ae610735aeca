"""Coordinates: nodes on a grid, and edges that run in the free channels between rows and columns.

Inside a step an edge goes up from node to node. Between steps it leaves upwards, runs along the
channel above its row to the gutter beside its column, and along the channel below the reader's
row into the reader: no edge runs through a node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from derivations.unrolled.graph import Edge, Node
from derivations.unrolled.labels import width
from derivations.unrolled.lanes import Column, Lanes

Point = tuple[float, float]
APART, UP = 18.0, 72.0
"""Between the outlines of two nodes in a row, and from the middle of one to the row above."""
HALF_HEIGHT = 14.0
GUTTER, TRACK = 26.0, 5.0
"""Least space between columns, and between lines that run side by side."""
MARGIN, HEADING = 16.0, 26.0


@dataclass(frozen=True)
class Grid:
    """Coordinates of everything, in pixels from the upper left."""

    lanes: Lanes
    _lefts: dict[Column, float] = field(default_factory=dict)

    @cached_property
    def tracks(self) -> dict[str, int]:
        """A number for every variable that is read over a column's edge."""
        names = dict.fromkeys(e.used.name for e in self.lanes.edges if self._crosses(e))
        return {name: number for number, name in enumerate(names)}

    def _crosses(self, edge: Edge) -> bool:
        return self.lanes.column(edge.used) != self.lanes.column(edge.user)

    def width_of(self, node: Node) -> float:
        """How wide a node is."""
        name = self.lanes.graph.cell.displays.get(node.name, node.name)
        return width(name, node.steps)

    @cached_property
    def _across(self) -> float:
        """From the middle of one node to that of the next in its row."""
        return max(map(self.width_of, self.lanes.nodes)) + APART

    @cached_property
    def _gutter(self) -> float:
        return GUTTER + TRACK * len(self.tracks)

    @cached_property
    def _channel(self) -> float:
        """Room for a row, the tracks below it included."""
        return UP + TRACK * max(len(self.tracks) - 3, 0)

    @cached_property
    def _spans(self) -> dict[Column, tuple[float, float]]:
        """By column, the first and the last place that something stands at or bends around."""
        found: dict[Column, list[float]] = {}
        for node in self.lanes.nodes:
            place = self.lanes.places[self.lanes.key(node)]
            found.setdefault(self.lanes.column(node), []).append(place)
        for edge in self.lanes.inner:
            places = found[self.lanes.column(edge.used)]
            places += (self.lanes.places[bend] for bend in self.lanes.bends(edge))
        return {column: (min(places), max(places)) for column, places in found.items()}

    @cached_property
    def bands(self) -> dict[Column, tuple[float, float]]:
        """Left and right edge of every column."""
        found, left = {}, MARGIN
        for column in self.lanes.columns:
            low, high = self._spans[column]
            right = left + self._gutter + self._across * (high - low + 1)
            found[column] = (left, right)
            left = right
        return found

    @cached_property
    def _rows(self) -> tuple[int, int]:
        rows = [self.lanes.row(node) for node in self.lanes.nodes]
        return min(rows), max(rows)

    @property
    def across(self) -> float:
        """Width of the picture."""
        return max(right for _, right in self.bands.values()) + MARGIN

    @property
    def down(self) -> float:
        """Height of the picture."""
        low, high = self._rows
        return HEADING + self._channel * (high - low + 1) + MARGIN

    def middle(self, column: Column) -> float:
        """Above the nodes of a column."""
        left, right = self.bands[column]
        return (left + self._gutter + right) / 2

    def point(self, node: Node) -> Point:
        """The middle of a node."""
        return self._at(self.lanes.column(node), self.lanes.key(node), self.lanes.row(node))

    def _at(self, column: Column, key: object, row: int) -> Point:
        left, _ = self.bands[column]
        low, _ = self._spans[column]
        x = left + self._gutter + self._across * (self.lanes.places[key] - low + 0.5)
        return x, HEADING + self._channel * (self._rows[1] - row + 0.5)

    def route(self, edge: Edge) -> tuple[Point, ...]:
        """The corners of an edge, from the outline of what is read to that of its reader."""
        corners = self._corners(edge)
        start = self._outline(edge.used, corners[0], corners[1])
        return start, *corners[1:-1], self._outline(edge.user, corners[-1], corners[-2])

    def _outline(self, node: Node, middle: Point, other: Point) -> Point:
        """Where a line from the middle of a node leaves it: above, below, or at its side."""
        dx, dy = other[0] - middle[0], other[1] - middle[1]
        if dy == 0:
            side = self.width_of(node) / 2 + 2
            return middle[0] + (side if dx > 0 else -side), middle[1]
        share = (HALF_HEIGHT + 1) / abs(dy)
        return middle[0] + dx * share, middle[1] + dy * share

    def _corners(self, edge: Edge) -> tuple[Point, ...]:
        if not self._crosses(edge):
            return self._inside(edge)
        (x, y), (to_x, to_y) = self.point(edge.used), self.point(edge.user)
        track = self.tracks[edge.used.name]
        shift = TRACK * track
        if y == to_y and self._free(edge):
            return (x, y), (to_x, to_y)
        above = y - self._channel / 2 - TRACK / 2 + shift
        below = to_y + self._channel / 2 - TRACK / 2 + shift
        enter = to_x + (3.0 * track if track % 2 else -3.0 * track) / 2
        if above == below:
            return (x, y), (x, above), (enter, above), (enter, to_y)
        turn = self._turn(edge) + shift
        return (x, y), (x, above), (turn, above), (turn, below), (enter, below), (enter, to_y)

    def _turn(self, edge: Edge) -> float:
        """The gutter beside the column of what is read, on the side of the reader."""
        start, end = self.lanes.column(edge.used), self.lanes.column(edge.user)
        columns = self.lanes.columns
        place = columns.index(start)
        left = self.bands[columns[place + 1] if end > start else start][0]
        return left + GUTTER / 2

    def _free(self, edge: Edge) -> bool:
        """Whether nothing stands between two nodes of one row."""
        (x, y), (to_x, _) = self.point(edge.used), self.point(edge.user)
        low, high = min(x, to_x), max(x, to_x)
        places = map(self.point, self.lanes.nodes)
        return not any(low < px < high and py == y for px, py in places)

    def _inside(self, edge: Edge) -> tuple[Point, ...]:
        """Up from row to row, past what stands in between."""
        column = self.lanes.column(edge.used)
        bends = (self._at(column, bend, bend[2]) for bend in self.lanes.bends(edge))
        return self.point(edge.used), *bends, self.point(edge.user)
