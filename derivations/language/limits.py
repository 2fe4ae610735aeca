"""Bounds that keep hostile input cheap: nesting, length, size of numbers."""

from __future__ import annotations

from derivations.errors import InputError
from derivations.language.tree import Node, Span, children

MAX_BRACKETS = 100
MAX_DEPTH = 150
MAX_TOKENS = 10_000
MAX_EQUATIONS = 2_000
MAX_DIGITS = 50
MAX_EXPONENT = 300


def check_depth(root: Node) -> None:
    """Refuse a tree deeper than later, recursive stages can walk.

    Raises:
        InputError: pointing at the first node that lies too deep.
    """
    level: list[Node] = [root]
    place: Span = root.span
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return
        place = next((node.span for node in level if node.span.line), place)
    raise InputError(
        f"the expression is more than {MAX_DEPTH} levels deep",
        place,
        "Give parts of it names of their own, one equation each.",
    )
