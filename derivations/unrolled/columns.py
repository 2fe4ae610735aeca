"""What of a graph is drawn, and in which column: a column is one time of one axis.

What has no time stands before all columns, or after them if it reads what has a time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from sympy import Symbol

from derivations.unrolled.graph import Edge, Graph, Node
from derivations.unrolled.labels import width
from derivations.unrolled.paths import Paths

Column = tuple[int, int]
"""Number of the axis and time on it; the axes are between what comes before and after them."""
Key = tuple[str, tuple[int, ...]]
"""What a node is in its column: its name and its times on other axes."""


@dataclass(frozen=True)
class Columns:
    """The nodes that are drawn, by column.

    Attributes:
        nodes: those nodes, in an order of computation.
        edges: the reads between them.
    """

    graph: Graph
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def axes(self) -> tuple[Symbol, ...]:
        """The axes, one that another reads before it."""
        reads = {
            (self._axis(edge.used), self._axis(edge.user))
            for edge in self.edges
            if self._axis(edge.used) != self._axis(edge.user)
        }
        indices = [axis.index for axis in self.graph.cell.axes]
        return tuple(sorted(indices, key=lambda i: sum((j, i) in reads for j in indices)))

    def _axis(self, node: Node) -> Symbol | None:
        """The axis of a node's column: of several, the one that most variables have."""
        indices = self.graph.cell.templates[node.name].steps
        return max(indices, key=lambda i: (self._spread[i], str(i)), default=None)

    @cached_property
    def _spread(self) -> Counter[Symbol]:
        return Counter(i for v in self.graph.cell.templates.values() for i in v.steps)

    @cached_property
    def of(self) -> dict[Node, Column]:
        """The column of every node."""
        return {node: self._column(node) for node in self.nodes}

    def _column(self, node: Node) -> Column:
        axis = self._axis(node)
        if axis is None:
            return (len(self.axes), 0) if node in self._late else (-1, 0)
        steps = dict(zip(self.graph.cell.templates[node.name].steps, node.steps, strict=True))
        return self.axes.index(axis), steps[axis]

    @cached_property
    def _late(self) -> frozenset[Node]:
        """What has no time, but reads what has one."""
        found: set[Node] = set()
        reads: dict[Node, list[Node]] = {}
        for edge in self.edges:
            reads.setdefault(edge.user, []).append(edge.used)
        for node in self.nodes:
            if not node.steps and any(n.steps or n in found for n in reads.get(node, ())):
                found.add(node)
        return frozenset(found)

    @cached_property
    def members(self) -> dict[Column, tuple[Node, ...]]:
        """The nodes of every column, columns from left to right."""
        found: dict[Column, list[Node]] = {column: [] for column in sorted(set(self.of.values()))}
        for node, column in self.of.items():
            found[column].append(node)
        return {column: tuple(nodes) for column, nodes in found.items()}

    def key(self, node: Node) -> Key:
        """What a node is in its column."""
        axis = self._axis(node)
        indices = self.graph.cell.templates[node.name].steps
        rest = tuple(s for i, s in zip(indices, node.steps, strict=True) if i != axis)
        return node.name, rest

    def inner(self, edge: Edge) -> bool:
        """Whether an edge stays in a column."""
        return self.of[edge.used] == self.of[edge.user]

    def timed(self, column: Column) -> bool:
        """Whether a column is a time."""
        return 0 <= column[0] < len(self.axes)

    def heading(self, column: Column) -> str:
        """What stands above a column: ``t = 3 = T``, and nothing above what has no time."""
        if not self.timed(column):
            return ""
        axis = self.axes[column[0]]
        (end,) = (a.upper for a in self.graph.cell.axes if a.index == axis)
        last = f" = {end}" if self.graph.ends[end] == column[1] else ""
        return f"{axis} = {column[1]}{last}"

    def width_of(self, node: Node) -> float:
        """How wide a node is, in pixels."""
        return width(self.graph.cell.displays.get(node.name, node.name), node.steps)


def drawn_columns(graph: Graph, paths: Paths | None = None) -> Columns:
    """Everything but the parameters that nobody asked about: every step reads them."""
    asked = {paths.target, *paths.sources} if paths else set()
    on_path = {n for e in (paths.kept | paths.missed if paths else ()) for n in (e.used, e.user)}
    nodes = [
        n
        for n in graph.nodes
        if graph.role(n) not in ("parameter", "given") or n in asked | on_path
    ]
    known = set(nodes)
    edges = tuple(e for e in graph.edges if {e.used, e.user} <= known)
    return Columns(graph, tuple(nodes), edges)
