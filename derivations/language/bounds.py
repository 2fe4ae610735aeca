"""The bounds below and above a LaTeX sum or product, as index, first and last value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.tree import Binary, Name, Node, Number


def read_bounds(node: raw.Big, resolve: Callable[[Node], Node]) -> tuple[str, Node, Node]:
    """``(index, lower, upper)``; ``\\sum_t`` alone runs from 1 to ``T`` (``\\sum_s``: to ``S``).

    Raises:
        InputError: if there is no index, or the bounds are of a form that is not read.
    """
    if len(node.subs) != 1 or len(node.sups) > 1:
        _fail(node, "this needs one index below it")
    below = node.subs[0]
    one = Number(Fraction(1), span=below.span)
    if not isinstance(below, raw.Bound):
        index = _index(below, resolve)
        return index, one, resolve(node.sups[0]) if node.sups else _end(index, below)
    items = tuple(resolve(item) for item in below.items)
    if below.relations == ("=",) and node.sups:
        return _index(below.items[0], resolve), items[1], resolve(node.sups[0])
    if below.relations == ("=",):
        _fail(node, "the last value of the index is missing")
    falls = {relation[0] for relation in below.relations} == {">"}
    if node.sups or "=" in below.relations or (">" in "".join(below.relations) and not falls):
        _fail(node, "these bounds are not read")
    # From the latest time down, t ≥ i > k, is read as from the earliest up.
    relations = below.relations[::-1] if falls else below.relations
    typed = below.items[::-1] if falls else below.items
    first, last = (resolve(typed[0]), resolve(typed[-1]))
    if relations[0] in ("<", ">"):
        first = Binary("+", first, one, span=first.span)
    if relations[-1] in ("<", ">"):
        last = Binary("-", last, one, span=last.span)
    if len(typed) == 2:
        index = _index(below.items[0], resolve)
        return (index, first, _end(index, below)) if falls else (index, one, last)
    return _index(typed[1], resolve), first, last


def _end(index: str, below: Node) -> Node:
    """The end of the axis of an index that has no last value."""
    return Name("S" if index == "s" else "T", span=below.span)


def _index(node: Node, resolve: Callable[[Node], Node]) -> str:
    name = resolve(node)
    if not isinstance(name, Name) or name.indices:
        _fail(node, "the index must be a single letter")
    return name.name


def _fail(node: Node, message: str) -> NoReturn:
    raise InputError(
        message, node.span, "Write the bounds as in \\sum_{k=1}^{T} or \\prod_{j=k+1}^{T}."
    )
