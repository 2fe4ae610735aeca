"""Which sizes and ends are tried, small ones first, so that the first failure is the smallest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sympy import Symbol

from derivations.calculus.graph import edges
from derivations.cell import Cell

LONG = 12
"""End of the first axis in the last case; the others stop earlier, at lengths of their own."""


@dataclass(frozen=True)
class Case:
    """Concrete sizes and ends.

    Attributes:
        zeros: whether vectors are zero and matrices random, so that kinks are met exactly.
    """

    sizes: Mapping[Symbol, int]
    ends: Mapping[Symbol, int]
    zeros: bool = False

    @property
    def small(self) -> bool:
        """Whether every size is 1."""
        return all(size == 1 for size in self.sizes.values())


def longest_delay(cell: Cell) -> int:
    """The largest constant shift in time between two variables of the cell."""
    shifts = [abs(d) for edge in edges(cell.definitions) for d in edge.delays if d is not None]
    return max(shifts, default=0)


def schedule(cell: Cell, kinks: bool) -> Iterator[Case]:
    """All sizes 1 with ends from 1 to past every delay, then pairwise distinct sizes.

    Args:
        kinks: whether a case of exact zeros is added.
    """
    past = longest_delay(cell) + 2
    ones = dict.fromkeys(cell.sizes, 1)
    for end in range(1, past + 1):
        yield Case(ones, _ends(cell, end))
    distinct = dict(zip(cell.sizes, distinct_sizes(), strict=False))
    yield Case(distinct, _ends(cell, past))
    if kinks:
        yield Case(distinct, _ends(cell, 2), zeros=True)
    yield Case(distinct, _ends(cell, LONG))


def _ends(cell: Cell, end: int) -> dict[Symbol, int]:
    """The first axis ends at ``end``, every other one at a length of its own nearby."""
    if end == LONG:
        return {axis.upper: max(LONG - 5 * k, 3 + k) for k, axis in enumerate(cell.axes)}
    return {axis.upper: end + k for k, axis in enumerate(cell.axes)}


def distinct_sizes() -> Iterator[int]:
    """Sizes that show what depends on them: 3, 2, 4, 5, …, all different, none 1."""
    yield from (3, 2)
    size = 4
    while True:
        yield size
        size += 1
