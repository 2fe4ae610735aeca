"""Where a node goes before there are coordinates: its column (a time), its row, its place in it.

Columns are the times of an axis; what has no time stands before or after them. Rows are the
order of computation inside a step, so that data flow upwards, and what is read over a delay comes
from another column. Places in a row follow the neighbours below (Sugiyama, Tagawa and Toda 1981).

No library that pip installs under a permissive licence does this: rows and columns are both given
here, and edges must pass nodes. NetworkX 3.6 (``multipartite_layout``) has straight edges alone: 20
of the 88 of the attention decoder run through nodes. graphlay 0.3 refuses a read between two nodes
of a row, as from c[t-1] to c[t]; with a layer for every row of every step the same picture takes
five times the room. igraph and grandalf are under the GPL, and ``dot`` is a program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from sympy import Symbol

from derivations.unrolled.graph import Edge, Graph, Node, is_loss

Column = tuple[int, int]
"""Number of the axis and time on it; the axes are between what comes before and after them."""
Key = tuple[str, tuple[int, ...]]
"""What a node is in its column: its name and its times on other axes."""
Bend = tuple[Key, Key, int]
"""What is read, its reader, and the row in which the edge between them passes others."""


@dataclass(frozen=True)
class Lanes:
    """Columns and rows of the nodes that are drawn.

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

    def column(self, node: Node) -> Column:
        """The column of a node."""
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

    def key(self, node: Node) -> Key:
        """What a node is in its column."""
        axis = self._axis(node)
        indices = self.graph.cell.templates[node.name].steps
        rest = tuple(s for i, s in zip(indices, node.steps, strict=True) if i != axis)
        return node.name, rest

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns, left to right."""
        return tuple(sorted({self.column(node) for node in self.nodes}))

    @cached_property
    def inner(self) -> tuple[Edge, ...]:
        """The edges inside a column."""
        return tuple(e for e in self.edges if self.column(e.used) == self.column(e.user))

    @cached_property
    def rows(self) -> dict[Key, int]:
        """The row of everything, counted from below: the longest way to it inside a step."""
        depth: dict[Node, int] = dict.fromkeys(self.nodes, 0)
        below: dict[Node, list[Node]] = {}
        for edge in self.inner:
            below.setdefault(edge.user, []).append(edge.used)
        rows: dict[Key, int] = {}
        for node in self.nodes:
            depth[node] = max((depth[n] + 1 for n in below.get(node, ())), default=0)
            rows[self.key(node)] = max(depth[node], rows.get(self.key(node), 0))
        top = max((depth[n] for n in self.nodes if n.steps), default=0)
        first = max(
            (depth[n] for n in self.nodes if not n.steps and n not in self._late), default=0
        )
        near = {self.key(node) for edge in self.inner for node in (edge.used, edge.user)}
        for node in self.nodes:
            # Parameters stand below everything that reads them, the loss above what it reads,
            # and beside that what the loss alone reads.
            if not node.steps:
                rows[self.key(node)] = depth[node] + (top + 1 if node in self._late else -1 - first)
            elif self.key(node) not in near and self.key(node) in self._compared:
                rows[self.key(node)] = top
        return rows

    @cached_property
    def _compared(self) -> frozenset[Key]:
        return frozenset(self.key(edge.used) for edge in self.edges if is_loss(edge.user))

    def row(self, node: Node) -> int:
        """The row of a node."""
        return self.rows[self.key(node)]

    def bends(self, edge: Edge) -> tuple[Bend, ...]:
        """Where an edge inside a column passes the rows between its ends."""
        used, user = self.key(edge.used), self.key(edge.user)
        return tuple((used, user, row) for row in range(self.rows[used] + 1, self.rows[user]))

    @cached_property
    def places(self) -> dict[object, float]:
        """Where in its row something stands or bends; 0 is the middle."""
        links: dict[object, set[object]] = {}
        level: dict[object, int] = {}
        level.update((key, row) for key, row in self.rows.items())
        for edge in self.inner:
            bends = self.bends(edge)
            chain = (self.key(edge.used), *bends, self.key(edge.user))
            level.update({bend: bend[2] for bend in bends})
            for low, high in pairwise(chain):
                links.setdefault(high, set()).add(low)
                links.setdefault(low, set()).add(high)
        found: dict[object, float] = {}
        rows = [[k for k in level if level[k] == r] for r in sorted(set(level.values()))]
        for row in (*rows, *reversed(rows), *rows):
            found.update(_arranged(row, links, found))
        return found


def _arranged(
    row: Sequence[object], links: dict[object, set[object]], found: dict[object, float]
) -> Iterable[tuple[object, float]]:
    """A row in the order of where its neighbours are, spread around its middle."""

    def wish(key: object) -> float:
        near = [found[other] for other in links.get(key, ()) if other in found]
        return sum(near) / len(near) if near else 0.0

    ordered = sorted(row, key=lambda key: (wish(key), found.get(key, 0.0)))
    return ((key, i - (len(ordered) - 1) / 2) for i, key in enumerate(ordered))
