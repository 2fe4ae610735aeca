"""All rows by name; a new elementwise function is one row in one of the two files read here."""

from __future__ import annotations

from derivations.functions.activations import ACTIVATIONS
from derivations.functions.elementary import ELEMENTARY
from derivations.functions.row import Function

_ROWS = ACTIVATIONS + ELEMENTARY

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
"""Every elementwise function by its canonical name."""

_BY_ANY_NAME = {name: row for row in _ROWS for name in (row.name, *row.aliases)}


def lookup(name: str) -> Function | None:
    """The row called ``name``, aliases included; ``None`` for a name that is not in the table."""
    return _BY_ANY_NAME.get(name)
