"""Bounds that keep hostile input cheap: nesting, length, size of numbers."""

from __future__ import annotations

from derivations.errors import InputError
from derivations.language.tree import Node, Span, children

MAX_BRACKETS = 100
MAX_DEPTH = 150
MAX_TOKENS = 10_000
MAX_EQUATIONS = 2_000
MAX_NODES = 20_000
"""Nodes that an expression may have once the names in it are replaced by what they stand for."""
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


class Budget:
    """Counts the nodes of an expression as names in it are replaced."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def spend(self, place: Span) -> None:
        """One node more.

        Raises:
            InputError: it is one too many.
        """
        self._left -= 1
        if self._left < 0:
            raise InputError(
                f"what is defined here comes to more than {MAX_NODES} operations when put in",
                place,
                "Use the names of variables of the cell in place of functions of functions.",
            )
