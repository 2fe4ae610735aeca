"""Derivations: from typed equations to backward equations, closed forms and their rendering.

>>> from derivations import derive
>>> print(derive("rnn", wrt="W_ph", form="adjoint").text().splitlines()[0])
Vanilla (Elman) RNN, softmax readout
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.answers import query
    from derivations.loading import load
    from derivations.pipeline import derive

__all__ = ["derive", "load", "query"]

# No module has the name of a function: importing it would put the module in the function's place.
_HOMES = {"derive": "pipeline", "load": "loading", "query": "answers"}


def __getattr__(name: str) -> object:
    """Load the pipeline when it is first asked for: listing cells needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
