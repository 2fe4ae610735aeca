"""Sums over entries in a cell, without their letters: ``-Σ_k y_{t,k} log p_{t,k}`` as ``sum(…)``.

Equations are about whole vectors. A sum in which every entry stands at the sum's own letter is the
sum of a vector, whose factors are multiplied entry by entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from derivations.language.tree import (
    Binary,
    Call,
    CellSource,
    Element,
    Name,
    Node,
    Number,
    Reduction,
    map_nodes,
    walk,
)
from derivations.typing.entry_sums import over_entries, says_no_end


def without_entries(source: CellSource) -> CellSource:
    """The cell with every sum over all entries of vectors as the sum of a vector."""
    counts = {e.target.name: len(e.target.indices) for e in source.equations}
    steps = (i for e in source.equations for i in e.target.indices if isinstance(i, Name))
    ends = {step.name.upper() for step in steps} | {"T"}
    equations = tuple(
        replace(e, value=map_nodes(e.value, lambda node: _vector_sum(node, counts, ends)))
        for e in source.equations
    )
    return source if equations == source.equations else replace(source, equations=equations)


def _of_all(node: Reduction, ends: Collection[str]) -> bool:
    """Whether the bounds are 1 and a letter that is no end of time: the number of entries."""
    last = node.upper
    return node.lower == Number(Fraction(1)) and isinstance(last, Name) and last.name not in ends


def _vector_sum(node: Node, counts: Mapping[str, int], ends: Collection[str]) -> Node:
    if not isinstance(node, Reduction) or node.kind != "sum":
        return node
    found = _with_entries(node, counts)
    entries = [part for part in walk(found.body) if isinstance(part, Element)]
    letter = (Name(node.index),)
    if not over_entries(found) or any(entry.indices != letter for entry in entries):
        return node
    if not says_no_end(node) and not _of_all(node, ends):
        return node
    return Call("sum", (map_nodes(found.body, _whole),), span=node.span)


def _with_entries(node: Reduction, counts: Mapping[str, int]) -> Reduction:
    """``p_{t,k}`` of a cell that defines ``p_t`` as an entry; then so is ``y_{t,k}`` beside it."""
    names = [part for part in walk(node.body) if isinstance(part, Name)]
    letter = Name(node.index)
    if not any(n.indices[counts.get(n.name, len(n.indices)) :] == (letter,) for n in names):
        return node

    def change(part: Node) -> Node:
        if not isinstance(part, Name) or len(part.indices) < 2 or part.indices[-1] != letter:
            return part
        return Element(replace(part, indices=part.indices[:-1]), (letter,), span=part.span)

    return replace(node, body=map_nodes(node.body, change))


def _whole(node: Node) -> Node:
    """Vectors for entries, and their product entry by entry."""
    if isinstance(node, Element):
        return node.operand
    if isinstance(node, Binary) and node.operator == "@":
        return replace(node, operator="*")
    return node
