"""Names as people type them: ``dh_T/dh_k`` in plain text, ``ℓ_t`` for the loss of a step.

A name that the cell has stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from derivations.language.cell_names import index_names
from derivations.language.tree import CellSource, Name, Node, Number, Partial, map_nodes
from derivations.language.vocabulary import LOSS_NAMES

_FREE = frozenset("ijks")
"""Letters that count times where the cell has no name like that."""


def times_below(root: Node, cell: CellSource, known: Mapping[str, int]) -> Node:
    """``h_T`` as ``h[T]`` where the cell has ``h[t]`` and no ``h_T``; ``L_t`` as ``L[t]``."""
    letters = index_names(cell) | (_FREE - known.keys())

    def change(node: Node) -> Node:
        if not isinstance(node, Name) or node.indices or node.name in known:
            return node
        head, _, label = node.name.rpartition("_")
        timed = known.get(head) == 1 or (head in (*LOSS_NAMES, "ell") and head not in known)
        if not timed or not (label in letters or label.isdigit() or _is_end(label, letters)):
            return node
        step = Number(Fraction(label)) if label.isdigit() else Name(label, span=node.span)
        return replace(node, name=head, indices=(replace(step, span=node.span),))

    return map_nodes(root, change)


def _is_end(label: str, letters: frozenset[str]) -> bool:
    return label.isupper() and label.lower() in letters


def step_losses(root: Node, known: Mapping[str, int]) -> Node:
    """``dℓ_t/dh_t`` as ``dL[t]/dh[t]``: ℓ is a function, and L[t] its value."""
    if "ell" in known or known.get("L", 1) != 1:
        return root

    def change(node: Node) -> Node:
        above = node.numerator if isinstance(node, Partial) else None
        if isinstance(above, Name) and above.name in ("ell", "loss") and above.indices:
            assert isinstance(node, Partial)
            return replace(node, numerator=replace(above, name="L"))
        return node

    return map_nodes(root, change)
