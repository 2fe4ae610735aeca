"""Functions whose slope is 0 wherever there is one, and what they leave of a verification."""

from __future__ import annotations

from derivations.cell import Cell
from derivations.functions import lookup
from verify.exact.functions import used


def flat_functions(cell: Cell) -> tuple[str, ...]:
    """The functions of a cell whose slope is 0 wherever there is one: ``step``, ``sign``."""
    rows = ((name, lookup(name)) for name in sorted(used(cell)))
    return tuple(name for name, row in rows if row is not None and row.slope_bound() == 0)


def nothing_compared(cell: Cell) -> str:
    """Why the sides of an identity that were 0 at every point say nothing."""
    reason = "both sides are 0 at every point tried, so nothing was compared"
    why = flatness(cell)
    return f"{reason}: {why}" if why else reason


def flatness(cell: Cell) -> str:
    """What flat functions do to gradients; empty where the cell has none."""
    flat = ", ".join(flat_functions(cell))
    if not flat:
        return ""
    return (
        f"the slope of {flat} is 0 wherever there is one, so every gradient through it is 0 "
        "almost everywhere"
    )
