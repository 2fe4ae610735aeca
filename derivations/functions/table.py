"""All rows by name; a new elementwise function is one row in one of the two files read here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from derivations.functions.activations import ACTIVATIONS
from derivations.functions.elementary import ELEMENTARY
from derivations.functions.row import Function, Side

_ROWS = ACTIVATIONS + ELEMENTARY

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
"""Every elementwise function by its canonical name."""

_BY_ANY_NAME = {name: row for row in _ROWS for name in (row.name, *row.aliases)}


_SIDE: ContextVar[Side | None] = ContextVar("the side whose slope is taken at kinks", default=None)


def lookup(name: str) -> Function | None:
    """The row called ``name``, aliases included; ``None`` for a name that is not in the table."""
    row, side = _BY_ANY_NAME.get(name), _SIDE.get()
    return row if row is None or side is None else _taking(row.name, side)


@cache
def _taking(name: str, side: Side) -> Function:
    row = FUNCTIONS[name]
    return row.with_convention(side) if row.arity == 1 else row


def slope_taken() -> Side | None:
    """The side whose slope is taken at kinks here; ``None`` where each row states its own."""
    return _SIDE.get()


@contextmanager
def taking_slopes(side: Side | None) -> Iterator[None]:
    """Inside, the slope of one side, or the mean of both, at every kink of :func:`lookup`'s rows.

    ``None`` is the side that each row states. Where a function has a jump, or two arguments,
    nothing changes. Cells are those that are loaded inside: what is known of one is kept with it.
    """
    before = _SIDE.set(side)
    try:
        yield
    finally:
        _SIDE.reset(before)
