"""Sums over the entries of a vector or a matrix: ``\\sum_j W_{ij} h_j``, ``sum(j, 1, m, …)``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sympy import Expr, Integer

from derivations.cell import LOSS, Cell
from derivations.language.tree import (
    Call,
    Element,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    Transposed,
    map_nodes,
    walk,
)
from derivations.typing.scope import names_in

if TYPE_CHECKING:
    from derivations.typing.compile import Compiled


def over_entries(node: Reduction) -> bool:
    """Whether the letter of a sum stands for the place of an entry, and nowhere for a time."""
    return node.kind == "sum" and any(_places(node)) and not _steps(node)


def ends_at_size(node: Reduction, sizes: frozenset[str]) -> bool:
    """Whether this is a sum over entries whose bounds speak of a size."""
    ends = {name.name for end in (node.lower, node.upper) for name in names_in(end)}
    return bool(ends & sizes) and over_entries(node)


def to_last_entry(root: Node, compiled: Compiled) -> Node:
    """``root`` with sums over entries that end nowhere, or at a letter of the reader's own.

    ``\\sum_j`` and ``\\sum_{j=1}^{K}`` run over all entries, unless the cell declares a size ``K``,
    or ``K`` is a place or a time elsewhere.
    """
    taken = {size for d in compiled.source.declarations for size in d.shape or ()}
    taken |= {str(axis.upper) for axis in compiled.cell.axes}
    for part in walk(root):
        if isinstance(part, Name | Call | Element):
            taken |= {name.name for index in part.indices for name in names_in(index)}
        if isinstance(part, Reduction):
            taken.add(part.index)
    return map_nodes(root, lambda node: _to_last(node, compiled, taken))


def says_no_end(node: Reduction) -> bool:
    """Whether a sum was typed without bounds: both stand where its letter does."""
    return node.lower.span == node.upper.span


def _to_last(node: Node, compiled: Compiled, taken: set[str]) -> Node:
    if not isinstance(node, Reduction) or not isinstance(node.upper, Name):
        return node
    if not over_entries(node) or (node.upper.name in taken and not says_no_end(node)):
        return node
    extents = (_extent(element, place, compiled.cell) for element, place in _places(node))
    extent = next((e for e in extents if e is not None), None)
    if extent is None:
        return node
    if extent.is_Integer:
        return replace(node, upper=Number(Fraction(int(extent)), span=node.upper.span))
    return replace(node, upper=Name(str(extent), span=node.upper.span))


def _places(node: Reduction) -> Iterator[tuple[Element, int]]:
    """Entries at whose place the letter stands alone, and which place it is."""
    for part in walk(node.body):
        if isinstance(part, Element):
            for place, index in enumerate(part.indices):
                if isinstance(index, Name) and index.name == node.index:
                    yield part, place


def _steps(node: Reduction) -> bool:
    """Whether the letter stands in a time, or in the bounds of a sum within."""
    for part in walk(node.body):
        times = part.indices if isinstance(part, Name | Call) else ()
        bounds = (part.lower, part.upper) if isinstance(part, Reduction) else ()
        if any(name.name == node.index for step in (*times, *bounds) for name in names_in(step)):
            return True
    return False


def _extent(element: Element, place: int, cell: Cell) -> Expr | None:
    """How many entries there are at a place; nothing where the tree alone does not say it."""
    extents = _extents(element.operand, cell)
    return extents[place] if place < len(extents) else None


def _extents(node: Node, cell: Cell) -> tuple[Expr, ...]:
    """The sizes that the places of an entry run over, those that are 1 left out."""
    if isinstance(node, Name) and node.name in cell.templates:
        rows, cols = cell.templates[node.name].shape
        return (rows,) if cols == 1 else (rows, cols)
    if isinstance(node, Transposed):
        inner = _extents(node.operand, cell)
        return (Integer(1), *inner) if len(inner) == 1 else inner[::-1]
    if isinstance(node, Partial):
        of_loss = isinstance(node.numerator, Name) and node.numerator.name == LOSS
        above = () if of_loss else _extents(node.numerator, cell)
        return (*above, *_extents(node.denominator, cell))
    return ()
