"""Who depends on whom over which delay: the edges of a cell, and its recurrent groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr
from sympy.utilities.iterables import strongly_connected_components

from derivations.cell import Cell, Definition
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import Occurrence, occurrences


@dataclass(frozen=True)
class Edge:
    """``user`` at its own step reads ``used`` at ``steps``.

    Attributes:
        delays: own index minus step for each axis that both run over; ``None`` in a place where
            the step is fixed (``h[T]``) or summed over.
        pinned: whether the equation stands at one time only (``h[0] = …``).
        beyond: 1 where ``used`` is summed over steps that all lie before the user's own, -1 where
            all lie after it, else 0.
    """

    user: str
    used: str
    steps: tuple[Expr, ...]
    delays: tuple[int | None, ...]
    pinned: bool = False
    beyond: int = 0

    @property
    def instantaneous(self) -> bool:
        """Whether no delay separates the two."""
        return not any(self.delays) and not self.beyond


@lru_cache(maxsize=256)
def edges(definitions: tuple[Definition, ...]) -> tuple[Edge, ...]:
    """Every use of a variable in an equation, once per distinct step."""
    return tuple(_edges(definitions))


def _edges(definitions: tuple[Definition, ...]) -> Iterator[Edge]:
    for definition in definitions:
        for piece in definition.pieces:
            pinned = any(r.pinned for r in piece.domain)
            seen: set[Edge] = set()
            for occurrence in occurrences(piece.value):
                leaf = occurrence.leaf
                if not isinstance(leaf, Variable):
                    continue
                edge = Edge(
                    definition.name,
                    leaf.name,
                    tuple(leaf.steps),
                    _delays(definition, leaf),
                    pinned,
                    _beyond(definition, occurrence),
                )
                if edge not in seen:
                    seen.add(edge)
                    yield edge


def _delays(definition: Definition, leaf: Variable) -> tuple[int | None, ...]:
    found: list[int | None] = []
    for step in leaf.steps:
        gaps = [(index - step).expand() for index in definition.target.steps]
        whole = [int(gap) for gap in gaps if gap.is_Integer]
        found.append(whole[0] if whole else None)
    return tuple(found)


def _beyond(definition: Definition, use: Occurrence) -> int:
    """On which side of the user's own step a sum leaves what it runs over."""
    for step in use.leaf.steps:
        for r in use.binders:
            offset = (step - r.index).expand()
            for index in definition.target.steps if offset.is_Integer else ():
                before, after = index - r.upper - offset, r.lower + offset - index
                if before.expand().is_positive:
                    return 1
                if after.expand().is_positive:
                    return -1
    return 0


def recurrent_groups(cell: Cell) -> list[tuple[str, ...]]:
    """Groups of variables that depend on one another, each after those it depends on.

    Names keep the order of the cell's equations inside a group.
    """
    order = {name: position for position, name in enumerate(cell.defined)}
    links = [
        (edge.user, edge.used)
        for edge in edges(cell.definitions)
        if edge.used in order and not edge.pinned
    ]
    found = strongly_connected_components((list(order), links))
    return [tuple(sorted(group, key=order.__getitem__)) for group in found]
