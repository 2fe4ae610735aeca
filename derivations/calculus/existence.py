"""At which times a variable has a value: where its equation stands, and before or after that."""

from __future__ import annotations

from sympy import Expr, Integer

from derivations.calculus.expand import between, intersect
from derivations.calculus.graph import edges
from derivations.cell import Cell, Range
from derivations.expressions.nodes import Variable


def lifetime(cell: Cell, name: str) -> tuple[tuple[Expr, Expr], ...]:
    """First and last time of a variable, one pair per axis.

    An axis runs over 1 … T; initial values lie before it as far as the longest delay that reads
    them, final values of a backward state after it.
    """
    reach: list[tuple[Expr, Expr]] = []
    for position, index in enumerate(cell.templates[name].steps):
        end = next((a.upper for a in cell.axes if a.index == index), None)
        end = end if end is not None else cell.axes[0].upper
        delays = [
            e.delays[position]
            for e in edges(cell.definitions)
            if e.used == name and e.delays[position] is not None
        ]
        before = max([d for d in delays if d is not None and d > 0], default=0)
        after = max([-d for d in delays if d is not None and d < 0], default=0)
        reach.append((Integer(1 - before), end + after))
    return tuple(reach)


def times_of(cell: Cell, variable: Variable, computed: bool = False) -> tuple[Range, ...] | None:
    """The ranges of the index symbols in a variable's steps; ``None`` if it never exists.

    Args:
        computed: only the times at which an equation gives the value.
    """
    found: list[Range] = []
    for step, (low, high) in zip(variable.steps, lifetime(cell, variable.name), strict=True):
        if computed and variable.name in cell.defined:
            low = max(low, Integer(1)) if low.is_number else low
            high = next((a.upper for a in cell.axes if high.has(a.upper)), high)
        inside = between(step, low, high)
        if inside is None:
            return None
        found.extend(inside)
    return intersect(found)
