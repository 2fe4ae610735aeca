"""Sizes as they are given on a command line."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Symbol

from derivations.cell import Cell
from derivations.errors import InputError


def read_sizes(cell: Cell, given: Iterable[str]) -> dict[Symbol, int]:
    """Sizes from ``n=128``.

    Raises:
        InputError: no size of the cell has that name, or the number is none.
    """
    known = {str(size): size for size in cell.sizes}
    sizes: dict[Symbol, int] = {}
    for assignment in given:
        name, sign, number = (part.strip() for part in assignment.partition("="))
        if name not in known:
            raise InputError(
                f"the cell has no size {name}",
                remedy=f"its sizes: {', '.join(known) or 'none'}; write --size NAME=NUMBER",
            )
        if not sign or not number.isdecimal() or int(number) < 1:
            raise InputError(
                f"{assignment} gives no size", remedy=f"write --size {name}=128, a whole number"
            )
        sizes[known[name]] = int(number)
    return sizes
