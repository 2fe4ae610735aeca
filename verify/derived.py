"""What is derived about a cell, once for all claims about it."""

from __future__ import annotations

from functools import lru_cache

from derivations.answers import Answerer
from derivations.deriver import Deriver
from derivations.same import Same
from derivations.typing.compile import Compiled

MOST_CELLS = 32
"""Cells about which derivations are kept."""


def answerer(compiled: Compiled) -> Answerer:
    """Answers to queries about a cell; the same object for the same cell."""
    return _answerer(Same(compiled))


@lru_cache(maxsize=MOST_CELLS)
def _answerer(compiled: Same[Compiled]) -> Answerer:
    return Answerer(Deriver(compiled.value.cell))
