"""What stands above a bracket in LaTeX: powers, transposes; above a scalar ``^T`` is a power."""

from __future__ import annotations

from collections.abc import Callable

from derivations.language import raw
from derivations.language.tree import (
    Binary,
    Call,
    Element,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Transposed,
    children,
)
from derivations.language.vocabulary import FUNCTION_WORDS

_TABLES = frozenset(FUNCTION_WORDS.values()) - {"outer", "concat", "hstack"}
_REDUCING = frozenset({"norm", "dot", "trace"})


def raised(
    value: Node,
    above: tuple[Node, ...],
    scalars: frozenset[str],
    resolve: Callable[[Node], Node],
) -> Node:
    """``value`` with the scripts typed above it.

    A value that is 1x1 whatever the sizes are, ``(-w)^T`` of a scalar ``w``, is raised to the
    power ``T``: nobody transposes it. ``^\\top`` transposes always.

    Args:
        scalars: names of scalars.
    """
    for sup in above:
        letter = sup == raw.Symbol("T")
        if sup == raw.Mark("top") or (letter and not _is_single(value, scalars)):
            value = Transposed(value, span=value.span)
        else:
            value = Binary("**", value, resolve(sup), span=value.span)
    return value


def _is_single(node: Node, scalars: frozenset[str]) -> bool:
    """Whether ``node`` is a number or built of scalars alone."""
    if isinstance(node, Number | Element):
        return True
    if isinstance(node, Name):
        return node.name in scalars
    if isinstance(node, Call) and (node.function in _REDUCING or not node.args):
        return node.function in _REDUCING
    if isinstance(node, Reduction):
        return _is_single(node.body, scalars)
    if isinstance(node, Binary) and node.operator == "**":
        return _is_single(node.left, scalars)
    if isinstance(node, Binary | Negative | Transposed) or (
        isinstance(node, Call) and node.function in _TABLES
    ):
        return all(_is_single(child, scalars) for child in children(node))
    return False
