"""Verification: derived formulas against independent evidence.

>>> from verify import check, verify
>>> verify("rnn-sigmoid", methods=["differences"], count=2).ok
True
>>> check("rnn", "dh[t]/dh[t-1] = W_hh").verdict
'wrong'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.checking import check
    from verify.run import verify

__all__ = ["check", "verify"]

# No module has the name of a function: importing it would put the module in the function's place.
_HOMES = {"check": "checking", "verify": "run"}


def __getattr__(name: str) -> object:
    """Load the verifier when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
