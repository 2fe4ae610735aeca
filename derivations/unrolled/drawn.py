"""The unrolled graph of a cell as users ask for it: a query in, a picture or its data out.

JSON, keys are only ever added: ``{"ends": {name: number}, "nodes": [{"name", "steps", "text",
"role"}], "edges": [{"used", "user", "delay", "path", "missed"}], "query": {"text",
"sources", "target", "paths", "missed"} or null}``; nodes are named by their places in the list.
``path`` says whether a path of the gradient runs along an edge, ``missed`` whether one does that
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Integer

from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.loading import load
from derivations.render.text import text
from derivations.unrolled.asked import Asked, asked_paths, read_asked
from derivations.unrolled.graph import Graph, is_loss, unrolled
from derivations.unrolled.paths import Paths

STEPS, MOST_STEPS = 3, 20
"""Length of a sequence that shows how steps hang together, and the longest one drawn."""


@dataclass(frozen=True)
class Drawn:
    """A graph and what is highlighted in it.

    Attributes:
        title: of the cell.
        query: what was asked, at the times that are shown.
    """

    graph: Graph
    paths: Paths | None
    title: str
    query: str
    limits: str

    def svg(self, alone: bool = False) -> str:
        """The picture; ``alone`` as a file of its own."""
        from derivations.unrolled.svg import svg

        title = f"Unrolled computation graph of {self.title}"
        return svg(self.graph, self.paths, title, self.lines(), alone)

    def lines(self) -> list[str]:
        """What the picture shows, in sentences."""
        ends = ", ".join(f"{end} = {number}" for end, number in self.graph.ends.items())
        delays = "A square is a delay." if any(e.delay for e in self.graph.edges) else ""
        lines = [" ".join(filter(None, (f"Unrolled for {ends}." if ends else "", delays)))]
        if self.paths is not None:
            kept, missed = self.paths.kept_count, self.paths.missed_count
            on = f" of {kept + missed}" if missed else ""
            lines.append(f"{self.query}{self.limits}: {_paths(kept)}{on} carried back.")
            if missed:
                also = "on a line of both colours others are kept"
                lines.append(f"Left out: {_paths(missed)} (dashed; {also}).")
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The graph as data."""
        nodes = {node: number for number, node in enumerate(self.graph.nodes)}
        kept, missed = (self.paths.kept, self.paths.missed) if self.paths else ((), ())
        return {
            "ends": {str(end): int(number) for end, number in self.graph.ends.items()},
            "nodes": [
                {"name": n.name, "steps": list(n.steps), "text": text(self.graph.value(n)),
                 "role": self.graph.role(n)}
                for n in nodes
            ],
            "edges": [
                {"used": nodes[e.used], "user": nodes[e.user], "delay": e.delay,
                 "path": e in kept, "missed": e in missed}
                for e in self.graph.edges
            ],
            "query": self.paths
            and {
                "text": self.query,
                "sources": [nodes[n] for n in self.paths.sources],
                "target": nodes[self.paths.target],
                "paths": self.paths.kept_count,
                "missed": self.paths.missed_count,
            },
        }  # fmt: skip


def computation_graph(
    cell: str | Sequence[str],
    query: str | None = None,
    window: int | None = None,
    steps: int | None = None,
) -> Drawn:
    """The unrolled graph of a cell, the paths of a gradient highlighted.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        query: a gradient or a Jacobian; an immediate one shows what it misses.
        window: truncated backpropagation: only paths across fewer delays are kept.
        steps: length of every sequence; three, or as long as the query needs.

    Raises:
        InputError: a bad cell or query, too many steps, or a window without a query.
    """
    compiled = load(cell)
    if window is not None and (query is None or window < 1):
        raise InputError(
            "a window is about a gradient, and at least one step long",
            remedy='give both, such as --query "dL/dW" --window 2',
        )
    asked = read_asked(compiled, query) if query is not None else None
    about = asked.cell if asked else compiled.cell
    length = steps if steps is not None else max(STEPS, asked.latest if asked else 0)
    if not 1 <= length <= MOST_STEPS:
        raise InputError(
            f"a graph of {length} steps", remedy=f"give between 1 and {MOST_STEPS} steps"
        )
    ends = {axis.upper: Integer(length) for axis in about.axes}
    graph = unrolled(about, ends, asked is not None and asked.names_arguments)
    paths = asked_paths(graph, asked, window) if asked else None
    limits = f" truncated to {window} step{'s' * (window > 1)}" if window else ""
    words = _query(graph, asked, paths) if asked and paths else ""
    return Drawn(graph, paths, about.title or "a cell", words, limits)


def _query(graph: Graph, asked: Asked, paths: Paths) -> str:
    """The query at the times that are shown."""
    (below,) = map(graph.value, paths.sources)
    if is_loss(paths.target):
        return text(Adjoint(below))
    return text(Jacobian(graph.value(paths.target), below, asked.immediate))


def _paths(count: int) -> str:
    return f"{count:,} path{'s' if count != 1 else ''}"
