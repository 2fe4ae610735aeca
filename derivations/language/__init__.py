"""The language front end: cells, queries and claims, text or LaTeX, to the untyped tree.

The parsers load on first use: :mod:`derivations.errors` needs only :mod:`.tree`. Printing back
is :func:`derivations.language.unparse.unparse`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.language.cells import parse_cell
    from derivations.language.claims import parse_claim, parse_query

__all__ = ["parse_cell", "parse_claim", "parse_query"]

_HOMES = {"parse_cell": "cells", "parse_claim": "claims", "parse_query": "claims"}


def __getattr__(name: str) -> object:
    """Load a parser when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
