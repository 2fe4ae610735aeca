"""Verification: derived formulas against independent evidence.

>>> from verify import verify
>>> verify("rnn-sigmoid", methods=["differences"], count=2).ok
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.run import verify

__all__ = ["verify"]


def __getattr__(name: str) -> object:
    """Load the verifier when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from verify.run import verify

    return verify
