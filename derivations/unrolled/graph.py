"""The unrolled graph: a node per variable and time, an edge per read in the typed equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter

from sympy import Expr, Integer, Symbol

from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.errors import InputError
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import occurrences
from derivations.render.symbols import symbol_table
from derivations.unrolled.times import Env, environments, numbers

MOST_EDGES = 1_200
"""Edges of a graph that anybody can still look at, and then some; routing them takes seconds."""


@dataclass(frozen=True)
class Node:
    """One variable at one time; ``steps`` is empty for a parameter and for the loss."""

    name: str
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Edge:
    """``user`` reads ``used``.

    Attributes:
        delay: how many steps lie between the two, on the axes that both run over; 0 where a sum
            over a whole axis reads them all.
    """

    used: Node
    user: Node
    delay: int = 0


@dataclass(frozen=True)
class Graph:
    """All reads of a cell, unrolled for sequences that end at ``ends``."""

    cell: Cell
    ends: Mapping[Symbol, Expr]
    edges: tuple[Edge, ...]
    definitions: tuple[Definition, ...]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, each after those that it reads."""
        return tuple(TopologicalSorter(self._reads).static_order())

    @cached_property
    def _reads(self) -> dict[Node, list[Node]]:
        found: dict[Node, list[Node]] = {}
        for edge in self.edges:
            found.setdefault(edge.used, [])
            found.setdefault(edge.user, []).append(edge.used)
        return found

    @cached_property
    def roles(self) -> dict[str, str]:
        """The part that every variable plays, by name."""
        return {entry.variable.name: entry.role for entry in symbol_table(self.cell)}

    def role(self, node: Node) -> str:
        """The part that a node plays; a state that no equation gives is an initial value."""
        given = not self._reads[node] and self.roles[node.name] in ("state", "value")
        return "initial value" if given else self.roles[node.name]

    def value(self, node: Node) -> Variable:
        """The node as a variable at its times."""
        return self.cell.templates[node.name].at(node.steps)


def unrolled(cell: Cell, ends: Env, named_arguments: bool = False) -> Graph:
    """The graph of a cell.

    Args:
        ends: end of each axis (``T``) → its number.
        named_arguments: whether the arguments of nonlinearities that the tool gave names to are
            nodes of their own.

    Raises:
        InputError: more than :data:`MOST_EDGES` edges.
    """
    definitions = cell.definitions if named_arguments else cell.written
    found: dict[tuple[Node, Node], Edge] = {}
    for definition in definitions:
        for piece in definition.pieces:
            for edge in _edges(cell, definition, piece, ends):
                found[edge.used, edge.user] = edge
                if len(found) > MOST_EDGES:
                    raise InputError(
                        f"the graph has more than {MOST_EDGES} edges", remedy="give fewer --steps"
                    )
    return Graph(cell, dict(ends), tuple(found.values()), definitions)


def _edges(cell: Cell, definition: Definition, piece: Piece, ends: Env) -> Iterator[Edge]:
    target = definition.target
    for env in environments(_everywhere(cell, target, piece), ends):
        user = Node(target.name, numbers(target.steps, env))
        for use in occurrences(piece.value):
            over = _whole_axes(target, use.binders)
            steps = use.leaf.steps
            near = {i for i, step in enumerate(steps) if not step.free_symbols & over}
            for inner in environments(use.binders, env):
                used = Node(use.leaf.name, numbers(steps, inner))
                yield Edge(used, user, _delay(cell, used, user, near))


def _everywhere(cell: Cell, target: Variable, piece: Piece) -> tuple[Range, ...]:
    """The domain of a piece, and the whole of every axis that it says nothing about."""
    said = {r.index for r in piece.domain}
    ends = {axis.index: axis.upper for axis in cell.axes}
    rest = (Range(i, Integer(1), ends[i]) for i in target.steps if i not in said)
    return (*piece.domain, *rest)


def _whole_axes(target: Variable, binders: tuple[Range, ...]) -> set[Symbol]:
    """Indices of sums over all of an axis, wherever on it the reader is: that is no delay."""
    own = set(target.steps)
    return {r.index for r in binders if not (r.lower.free_symbols | r.upper.free_symbols) & own}


def _delay(cell: Cell, used: Node, user: Node, places: set[int]) -> int:
    """The steps between two nodes, at these places of the one's steps, on axes of both."""
    own = dict(zip(cell.templates[user.name].steps, user.steps, strict=True))
    indices = cell.templates[used.name].steps
    return sum(
        abs(own[indices[place]] - used.steps[place]) for place in places if indices[place] in own
    )


def is_loss(node: Node) -> bool:
    """Whether a node is the whole loss."""
    return node.name == LOSS
