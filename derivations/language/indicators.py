"""Conditions as values, 1 where they hold, else 0: ``\\mathbb{1}[z_t > 0]``, ``(z > 0)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.tree import Binary, Call, Name, Negative, Node, Number, Span

CLASS = "class"
"""Call of a label and a class, 1 where the label is of this class: an entry of a one-hot vector."""
_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))
_SIGNS = (raw.Symbol("I"), raw.Symbol("I_bb"), raw.Ones(), _ONE)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of plain text, as its value, until it is clear what it stands in."""

    value: Node
    span: Span


def chooses(sign: Node) -> bool:
    """Whether this says that the bracket behind it holds a condition."""
    if isinstance(sign, Name) and not sign.indices:
        return sign.name in ("I", "indicator", "where")
    return sign == _ONE


def chosen(sign: Node, arguments: Sequence[Node | Condition]) -> Node:
    """``1[z > 0]``, ``indicator(z > 0)`` and ``where(z > 0, a, b)`` of plain text.

    Raises:
        InputError: a condition stands in something else.
    """
    first, *others = arguments
    name = sign.name if isinstance(sign, Name) and not sign.indices else None
    if isinstance(first, Condition):
        if not others and (sign == _ONE or name in ("I", "indicator")):
            return first.value
        plain = [other for other in others if isinstance(other, Node)]
        if name == "where" and len(plain) == len(others) == 2:
            held = Binary("*", first.value, plain[0], span=first.span)
            failed = Binary("-", _ONE, first.value, span=first.span)
            other = Binary("*", failed, plain[1], span=first.span)
            return Binary("+", held, other, span=first.span)
    spot = next(a.span for a in arguments if isinstance(a, Condition))
    raise InputError(
        "a condition cannot stand here",
        spot,
        "Write 1[z > 0] for 1 where it holds and 0 elsewhere, or where(z > 0, a, b).",
    )


def condition_of(item: Node, follower: Node | None) -> tuple[raw.Bound, bool] | None:
    """The condition of an indicator at ``item``, and whether it stands in what follows.

    ``\\mathbb{1}_{z > 0}``, ``\\mathbb{1}_{\\{z > 0\\}}``, ``\\mathbb{I}(z > 0)`` and ``[z > 0]``.
    """
    inside = _bound(item)
    if inside is not None:
        return inside, False
    if isinstance(item, raw.Scripted) and item.base in _SIGNS and len(item.subs) == 1:
        below = item.subs[0]
        found = below if isinstance(below, raw.Bound) else _bound(below)
        return (found, False) if found is not None and not item.sups else None
    behind = _bound(follower) if item in _SIGNS and follower is not None else None
    return (behind, True) if behind is not None else None


def _bound(node: Node) -> raw.Bound | None:
    if not isinstance(node, raw.Group) or len(node.items) != 1:
        return None
    (inner,) = node.items
    return inner if isinstance(inner, raw.Bound) else None


def indicator(condition: raw.Bound, resolve: Callable[[Node], Node]) -> Node:
    """1 where every relation of a condition holds.

    Raises:
        InputError: an equality that is not that of a class and a label.
    """
    items = [resolve(item) for item in condition.items]
    parts = [
        compared(left, sign, right, condition.span)
        for (left, right), sign in zip(pairwise(items), condition.relations, strict=True)
    ]
    return reduce(lambda a, b: Binary("*", a, b, span=condition.span), parts)


def compared(left: Node, sign: str, right: Node, span: Span) -> Node:
    """``left > right`` as a number; ``i = y_t`` says that a label y_t is of class i.

    Raises:
        InputError: another equality, which holds almost nowhere.
    """
    if sign == "=":
        return _label(left, right, span)
    above, below = (left, right) if sign[0] == ">" else (right, left)
    if len(sign) == 2:
        return Call("step", (_difference(above, below),), span=span)
    reached = Call("step", (_difference(below, above),), span=span)
    return Binary("-", _ONE, reached, span=span)


def _difference(above: Node, below: Node) -> Node:
    if below == _ZERO:
        return above
    if above == _ZERO:
        return Negative(below, span=below.span)
    return Binary("-", above, below, span=above.span)


def _label(left: Node, right: Node, span: Span) -> Node:
    for letter, label in ((left, right), (right, left)):
        plain = isinstance(letter, Name) and not letter.indices
        if plain and isinstance(label, Name) and label.indices:
            return Call(CLASS, (label, letter), span=span)
    raise InputError(
        "only a class can be equal to something in an indicator",
        span,
        "Write the label as a one-hot vector: y[t][i] for 1 where i is the class of y_t.",
    )
