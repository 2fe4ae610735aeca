"""Derivations: from typed equations to backward equations, closed forms and their rendering.

>>> from derivations import derive
>>> print(derive("rnn", wrt="W_ph", form="adjoint").text().splitlines()[0])
Vanilla (Elman) RNN, softmax readout
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.derive import derive
    from derivations.load import load
    from derivations.query import query

__all__ = ["derive", "load", "query"]


def __getattr__(name: str) -> object:
    """Load the pipeline when it is first asked for: listing cells needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{name}"), name)
