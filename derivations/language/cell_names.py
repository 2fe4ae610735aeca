"""The names of a cell as it was read: its variables, and the letters that count its times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from derivations.language.tree import CellSource, Name, Reduction, walk
from derivations.same import Same

MOST_CELLS = 64
"""Cells whose names are kept."""


def known_names(cell: CellSource) -> Mapping[str, int]:
    """Every variable of ``cell`` with its number of time indices (the largest one used).

    An ``I`` that nothing defines or declares is the identity matrix.
    """
    return _known(Same(cell))


def index_names(cell: CellSource) -> frozenset[str]:
    """Every name that stands in a time index or runs in a sum or product of ``cell``."""
    return _indices(Same(cell))


# Every claim about a cell is read with the names of this very cell.
@lru_cache(maxsize=MOST_CELLS)
def _known(same: Same[CellSource]) -> Mapping[str, int]:
    cell = same.value
    found: dict[str, int] = {}
    indices = index_names(cell)
    local = {name for function in cell.functions for name in function.parameters}
    for node in walk(cell):
        if isinstance(node, Name) and (node.indices or node.name not in indices | local):
            found[node.name] = max(found.get(node.name, 0), len(node.indices))
    stated = {e.target.name for e in cell.equations} | {d.name for d in cell.declarations}
    if found.get("I") == 0 and "I" not in stated:
        del found["I"]
    return found


@lru_cache(maxsize=MOST_CELLS)
def _indices(cell: Same[CellSource]) -> frozenset[str]:
    found: set[str] = {"t"}
    for node in walk(cell.value):
        if isinstance(node, Reduction):
            bounds = [part for end in (node.lower, node.upper) for part in walk(end)]
            found |= {node.index, *(part.name for part in bounds if isinstance(part, Name))}
        elif isinstance(node, Name):
            inner = [part for index in node.indices for part in walk(index)]
            found |= {part.name for part in inner if isinstance(part, Name)}
    return frozenset(found)
