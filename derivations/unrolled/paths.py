"""Gradient paths: the reads that a cotangent flows back along, and those that are cut off.

The total derivative is the sum over all paths. An immediate partial keeps those of one edge; a
gradient truncated to a window of W steps keeps those that cross fewer than W delays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derivations.unrolled.graph import Edge, Graph, Node

Counts = dict[Node, Counter[int]]
"""By node, how many paths there are of each age: the delays that a path crosses."""


@dataclass(frozen=True)
class Kept:
    """Which paths a gradient keeps.

    Attributes:
        immediate: those of one edge only.
        window: those that cross fewer delays than this; ``None`` keeps all.
    """

    immediate: bool = False
    window: int | None = None


@dataclass(frozen=True)
class Paths:
    """The paths from ``sources`` to ``target``.

    Attributes:
        kept: edges that some kept path runs along.
        missed: edges that some path runs along which is left out; both are possible.
        kept_count, missed_count: how many paths there are of each.
    """

    sources: tuple[Node, ...]
    target: Node
    kept: frozenset[Edge]
    missed: frozenset[Edge]
    kept_count: int
    missed_count: int


def paths(graph: Graph, sources: Iterable[Node], target: Node, which: Kept) -> Paths:
    """The paths along which a cotangent flows back from ``target`` to ``sources``."""
    starts = tuple(sources)
    behind = _counts(graph.nodes, graph.edges, starts)
    back = [Edge(edge.user, edge.used, edge.delay) for edge in graph.edges]
    ahead = _counts(tuple(reversed(graph.nodes)), back, (target,))
    kept, missed = set(), set()
    for edge in graph.edges:
        ages = {a + edge.delay + b for a in behind[edge.used] for b in ahead[edge.user]}
        direct = edge.used in starts and edge.user == target
        if ages and _keeps(which, min(ages), direct):
            kept.add(edge)
        if ages and not _keeps(which, max(ages), direct):
            missed.add(edge)
    in_all = behind[target]
    direct_ = sum(edge.used in starts and edge.user == target for edge in graph.edges)
    if which.immediate:
        count = direct_
    else:
        count = sum(n for age, n in in_all.items() if _keeps(which, age, False))
    total = sum(in_all.values())
    return Paths(starts, target, frozenset(kept), frozenset(missed), count, total - count)


def _keeps(which: Kept, age: int, direct: bool) -> bool:
    return direct if which.immediate else which.window is None or age < which.window


def _counts(order: Sequence[Node], edges: Iterable[Edge], starts: Sequence[Node]) -> Counts:
    """Paths of one edge or more, and the empty one of a start, by the age they have at a node."""
    into: dict[Node, list[Edge]] = {}
    for edge in edges:
        into.setdefault(edge.user, []).append(edge)
    found: Counts = {}
    for node in order:
        ages = Counter({0: 1} if node in starts else {})
        for edge in into.get(node, ()):
            for age, count in found[edge.used].items():
                ages[age + edge.delay] += count
        found[node] = ages
    return found
