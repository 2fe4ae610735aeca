"""Mistakes in time: an index off by one, another letter, a range short or long, a missing sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    children,
    rebuild,
    walk,
)
from verify.edits.edit import ONE
from verify.edits.facts import Facts

FRESH = ("i", "k", "j", "r", "tau")
"""Letters for an index that a mend introduces."""


def shifted(index: Node, by: int) -> Node:
    """``index + by``, as people write it: ``t``, ``t-1``, ``2``."""
    if isinstance(index, Number):
        return Number(index.value + by)
    offset, base = Fraction(by), index
    while (
        isinstance(base, Binary) and base.operator in ("+", "-") and isinstance(base.right, Number)
    ):
        offset += base.right.value if base.operator == "+" else -base.right.value
        base = base.left
    if offset == 0:
        return base
    return Binary("+" if offset > 0 else "-", base, Number(abs(offset)))


def tidied(node: Node) -> Node:
    """``node`` with ``c[t]`` for ``c[t+1-1]``, as it comes from names that were put in."""
    if isinstance(node, Name) and node.indices:
        return replace(node, indices=tuple(shifted(index, 0) for index in node.indices))
    parts = children(node)
    return rebuild(node, map(tidied, parts)) if parts else node


def off_by_one(node: Node, facts: Facts) -> Iterator[Node]:
    """One variable one step earlier or later; in a derivative also both of its ends together."""
    if isinstance(node, Name | Call) and node.indices:
        yield from _moved(node)
    if isinstance(node, Partial):
        ends = node.numerator, node.denominator
        for by in (-1, 1):
            both = [_whole(end, by) for end in ends]
            if any(one != end for one, end in zip(both, ends, strict=True)):
                yield replace(node, numerator=both[0], denominator=both[1])
        if all(isinstance(end, Name) and end.indices for end in ends):
            for position, end in enumerate(ends):
                for moved in _moved(end):
                    pair = (moved, ends[1]) if position == 0 else (ends[0], moved)
                    yield replace(node, numerator=pair[0], denominator=pair[1])


def _moved(node: Node) -> Iterator[Node]:
    indices: tuple[Node, ...] = getattr(node, "indices", ())
    for position, index in enumerate(indices):
        for by in (-1, 1):
            parts = list(children(node))
            offset = len(parts) - len(indices) if isinstance(node, Call) else 0
            parts[offset + position] = shifted(index, by)
            yield rebuild(node, iter(parts))


def _whole(node: Node, by: int) -> Node:
    if isinstance(node, Name) and node.indices:
        return replace(node, indices=tuple(shifted(index, by) for index in node.indices))
    return node


def exponent_off_by_one(node: Node, facts: Facts) -> Iterator[Node]:
    """``w**(T-k)`` for ``w**(T-k-1)``."""
    if isinstance(node, Binary) and node.operator == "**":
        for by in (-1, 1):
            yield replace(node, right=shifted(node.right, by))


def other_letter(node: Node, facts: Facts) -> Iterator[Node]:
    """A variable at the time of another index: ``h[k]`` for ``h[t]``, ``x[t]`` for ``x[T]``."""
    if not isinstance(node, Name | Partial):
        return
    used = {n.name for n in walk(node) if isinstance(n, Name) and not n.indices}
    letters = [*facts.letters, *facts.ends]
    for letter in (name for name in letters if name in used):
        for other in (name for name in letters if name != letter):
            yield renamed(node, letter, other)


def renamed(node: Node, letter: str, other: str) -> Node:
    """``node`` with one time letter replaced where it stands for a time."""
    if isinstance(node, Reduction) and node.index == letter:
        return replace(
            node,
            lower=renamed(node.lower, letter, other),
            upper=renamed(node.upper, letter, other),
        )
    if isinstance(node, Name) and node.name == letter and not node.indices:
        return replace(node, name=other)
    return rebuild(node, (renamed(child, letter, other) for child in children(node)))


def range_off_by_one(node: Node, facts: Facts) -> Iterator[Node]:
    """A sum or product short or long by one at either end."""
    if isinstance(node, Reduction):
        for by in (-1, 1):
            yield replace(node, upper=shifted(node.upper, by))
            yield replace(node, lower=shifted(node.lower, by))


def other_bound(node: Node, facts: Facts) -> Iterator[Node]:
    """A sum or product that ends, or starts, at another time: a truncated sum."""
    if not isinstance(node, Reduction):
        return
    letters: list[Node] = [
        Name(letter) for letter in (*facts.ends, *facts.letters) if letter != node.index
    ]
    for bound in letters:
        if bound != node.upper:
            yield replace(node, upper=bound)
    for bound in (ONE, *letters):
        if bound != node.lower:
            yield replace(node, lower=bound)


def one_term_for_sum(node: Node, facts: Facts) -> Iterator[Node]:
    """Only the last, or the first, term of a sum."""
    if isinstance(node, Reduction) and node.kind == "sum":
        for end in (node.upper, node.lower):
            yield _at(node.body, node.index, end)


def sum_for_one_term(node: Node, facts: Facts) -> Iterator[Node]:
    """The sum over time of which only the last term stood there."""
    used = {n.name for n in walk(node) if isinstance(n, Name)}
    for end in facts.ends:
        if end not in used:
            continue
        letter = next((name for name in FRESH if _is_free(name, facts)), None)
        if letter is not None:
            yield Reduction("sum", letter, ONE, Name(end), renamed(node, end, letter))


def _is_free(letter: str, facts: Facts) -> bool:
    return letter not in facts.letters and letter not in facts.compiled.cell.templates


def _at(body: Node, letter: str, time: Node) -> Node:
    """``body`` at one time of its index."""
    if isinstance(body, Name) and body.name == letter and not body.indices:
        return time
    if isinstance(body, Reduction) and body.index == letter:
        return body
    changed = rebuild(body, (_at(child, letter, time) for child in children(body)))
    if isinstance(changed, Name) and changed.indices:
        return replace(changed, indices=tuple(_tidy(index) for index in changed.indices))
    return changed


def _tidy(index: Node) -> Node:
    """``(T-1)+1`` as ``T``."""
    if not isinstance(index, Binary) or index.operator not in ("+", "-"):
        return index
    if not isinstance(index.right, Number) or index.right.value.denominator != 1:
        return index
    by = int(index.right.value)
    return shifted(index.left, by if index.operator == "+" else -by)


def average(node: Node, facts: Facts) -> Iterator[Node]:
    """A missing, or superfluous, 1/T."""
    for end in facts.ends:
        yield Binary("*", Binary("/", ONE, Name(end)), node)
        yield Binary("*", Name(end), node)
