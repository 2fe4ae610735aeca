"""What is derived about a cell, once for all claims about it."""

from __future__ import annotations

from derivations.answers import Answerer
from derivations.deriver import deriver_of
from derivations.typing.compile import Compiled


def answerer(compiled: Compiled) -> Answerer:
    """Answers to queries about a cell, from what has been derived about it already."""
    return Answerer(deriver_of(compiled.cell))
