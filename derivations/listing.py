"""What there is: cells, functions, losses and topics with a line about each. Imports no SymPy."""

from __future__ import annotations

from collections.abc import Callable

from derivations.catalogue import header, losses, summaries
from derivations.functions import FUNCTIONS
from derivations.topics import topics

LISTINGS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "cells": lambda: [(name, title) for name, (title, _) in summaries().items()],
    "functions": lambda: [(name, row.source) for name, row in FUNCTIONS.items()],
    "losses": lambda: [(name, header(text, "title")) for name, text in losses().items()],
    "topics": lambda: [(name, topic.title) for name, topic in topics().items()],
}
"""What can be listed."""


def listing(what: str) -> list[tuple[str, str]]:
    """Name and one line for everything of a kind, in alphabetical order."""
    return sorted(LISTINGS[what]())
