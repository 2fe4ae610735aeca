"""All rows by name; a new elementwise function is one row in one of the two files read here."""

from __future__ import annotations

from derivations.functions.activations import ACTIVATIONS
from derivations.functions.elementary import ELEMENTARY
from derivations.functions.row import Function, Side

_ROWS = ACTIVATIONS + ELEMENTARY

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
"""Every elementwise function by its canonical name."""

_BY_ANY_NAME = {name: row for row in _ROWS for name in (row.name, *row.aliases)}


def lookup(name: str) -> Function | None:
    """The row called ``name``, aliases included; ``None`` for a name that is not in the table."""
    return _BY_ANY_NAME.get(name)


_taken: list[Side | None] = [None]


def slopes_taken() -> Side | None:
    """What :func:`take_slopes` was told last."""
    return _taken[0]


def take_slopes(side: Side | None) -> None:
    """Take the slope of one side, or the mean of both, at every kink of a function of one argument.

    Holds in this process for what it has not evaluated yet; ``None`` is again the side that each
    row states. Where a function has a jump, or two arguments, nothing changes.
    """
    _taken[:] = [side]
    for row in _ROWS:
        taken = row if side is None or row.arity != 1 else row.with_convention(side)
        FUNCTIONS[row.name] = taken
        for name in (row.name, *row.aliases):
            _BY_ANY_NAME[name] = taken
