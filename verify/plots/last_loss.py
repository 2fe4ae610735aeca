"""The same cell, judged at the last step alone: its gradient says what an early step still does."""

from __future__ import annotations

from dataclasses import replace

from derivations.language.tree import Binary, Name, Negative, Node, Reduction, children, rebuild
from derivations.typing.compile import Compiled, compile_cell
from derivations.typing.loss import complete_loss


def judged_at_the_end(compiled: Compiled) -> Compiled:
    """The cell with each sum over time in its loss replaced by the last term of it."""
    *others, loss = complete_loss(compiled.source.equations)
    judged = replace(loss, value=_last_term(loss.value))
    return compile_cell(replace(compiled.source, equations=(*others, judged)))


def _last_term(node: Node) -> Node:
    if isinstance(node, Reduction) and node.kind == "sum":
        return _at(node.body, node.index, node.upper)
    if isinstance(node, Binary | Negative):
        return rebuild(node, (_last_term(part) for part in children(node)))
    return node


def _at(node: Node, index: str, time: Node) -> Node:
    """A term with a time in place of its index."""
    if isinstance(node, Name) and node.name == index and not node.indices:
        return time
    if isinstance(node, Reduction) and node.index == index:
        return node
    return rebuild(node, (_at(part, index, time) for part in children(node)))
