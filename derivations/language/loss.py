"""The loss under one name: ``L``, ``J``, ``E`` or ``\\mathcal{L}`` become ``loss``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derivations.language.tree import (
    Call,
    CellSource,
    Element,
    Equation,
    Name,
    Node,
    Partial,
    map_nodes,
    walk,
)
from derivations.language.vocabulary import LOSS_NAMES

_MATRIX_CALLS = {"concat", "hstack", "diag", "transpose", "outer"}


def name_loss(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """``equations`` with the loss's target renamed to ``loss``.

    The loss is the untimed target under one of its usual names that no other equation uses and
    that is not built as a matrix; failing that, a target at each step that nothing uses.
    """
    targets = {e.target.name for e in equations if not e.target.indices}
    if "loss" in targets:
        return equations
    for alias in LOSS_NAMES:
        if alias in targets and _may_be_loss(alias, equations):
            return _renamed(alias, equations, timed=False)
    timed = {e.target.name for e in equations if len(e.target.indices) == 1}
    for alias in LOSS_NAMES[1:]:
        if alias in timed and not targets & set(LOSS_NAMES) and not _used(alias, equations):
            return _renamed(alias, equations, timed=True)
    return equations


def _renamed(alias: str, equations: tuple[Equation, ...], timed: bool) -> tuple[Equation, ...]:
    return tuple(
        replace(e, target=replace(e.target, name="loss"))
        if e.target.name == alias and bool(e.target.indices) == timed else e
        for e in equations
    )  # fmt: skip


def _used(alias: str, equations: tuple[Equation, ...]) -> bool:
    nodes = (node for equation in equations for node in walk(equation.value))
    return any(isinstance(node, Name) and node.name == alias for node in nodes)


def _may_be_loss(alias: str, equations: tuple[Equation, ...]) -> bool:
    for equation in equations:
        used = any(isinstance(n, Name) and n.name == alias and not n.indices
                   for n in walk(equation.value))  # fmt: skip
        if used:
            return False
        value, target = equation.value, equation.target
        matrix = isinstance(value, Call) and value.function in _MATRIX_CALLS
        if matrix and target.name == alias and not target.indices:
            return False
    return True


def settle(root: Node, cell: CellSource | None, known: Mapping[str, int]) -> Node:
    """A query or claim with the loss named ``loss`` and entries told from time indices.

    ``dL/dW[i,j]`` is read as one entry where ``W`` has no time index in the cell.
    """
    has_loss = cell is None or "loss" in known

    def is_alias(node: Node, numerator: bool) -> bool:
        if not isinstance(node, Name) or node.name not in LOSS_NAMES or node.indices:
            return False
        return (numerator or has_loss) and known.get(node.name, 1) != 0

    def change(node: Node) -> Node:
        if isinstance(node, Name):
            if is_alias(node, numerator=False) and known.get(node.name) is None and cell:
                return replace(node, name="loss")
            return _entries_of(node, known, cell is not None)
        if isinstance(node, Partial):
            above = node.numerator
            if isinstance(above, Name) and is_alias(above, numerator=True):
                node = replace(node, numerator=replace(above, name="loss"))
            return _hoist(node)
        if isinstance(node, Element) and isinstance(node.operand, Element):
            inner = node.operand
            return replace(node, operand=inner.operand, indices=(*inner.indices, *node.indices))
        return node

    return map_nodes(root, change)


def _entries_of(node: Name, known: Mapping[str, int], has_cell: bool) -> Node:
    """``W[i,j]`` as an entry of ``W``: indices beyond the variable's time indices are positions."""
    count = known.get(node.name)
    if count is None and not has_cell and len(node.indices) > 1 and node.name[0].isupper():
        count = 0
    if count is None or len(node.indices) <= count:
        return node
    name = replace(node, indices=node.indices[:count])
    return Element(name, node.indices[count:], span=node.span)


def _hoist(node: Partial) -> Node:
    """Entries inside a derivative moved out: those of the numerator first."""
    positions: tuple[Node, ...] = ()
    above, below = node.numerator, node.denominator
    if isinstance(above, Element):
        positions, above = above.indices, above.operand
    if isinstance(below, Element):
        positions, below = (*positions, *below.indices), below.operand
    if not positions:
        return node
    return Element(replace(node, numerator=above, denominator=below), positions, span=node.span)
