"""Whole numbers told by indices: ⌊t/2⌋, ⌈t/2⌉, and the ways to choose k of n."""

from __future__ import annotations

from collections.abc import Callable, Container

from sympy import Expr, Integer, binomial, ceiling, floor

from derivations.errors import InputError
from derivations.language.tree import Binary, Call, Node

COUNTING = {"floor": (floor, 1), "ceil": (ceiling, 1), "binom": (binomial, 2)}
"""Functions of indices, with how many arguments each takes."""
MOST = 10_000
"""Numbers of which these are still computed at once."""


def counts(node: Node, *own: Container[str]) -> bool:
    """Whether a call is of one of :data:`COUNTING` that is none of the cell's own functions."""
    if not isinstance(node, Call) or node.function not in COUNTING or node.order:
        return False
    return not any(node.function in names for names in own)


def counted(node: Call, value: Callable[[Node], Expr]) -> Expr:
    """What such a call is.

    Args:
        value: of an index expression.

    Raises:
        InputError: a wrong number of arguments, or numbers that are large.
    """
    rule, count = COUNTING[node.function]
    if len(node.args) != count:
        raise InputError(
            f"{node.function} takes {count} argument(s), {len(node.args)} given",
            node.span,
            "write floor(t/2), or binom(t-k, k) for the ways to choose k of t-k",
        )
    values = [_ratio(part, value) for part in node.args]
    if any(abs(number) > MOST for found in values for number in found.atoms(Integer)):
        raise InputError(f"a number is larger than {MOST} here", node.span, "write a smaller one")
    return rule(*values)


def _ratio(node: Node, value: Callable[[Node], Expr]) -> Expr:
    """An index expression, or a quotient of two."""
    if not isinstance(node, Binary) or node.operator != "/":
        return value(node)
    below = value(node.right)
    if below == 0:
        raise InputError("division by zero", node.span, "correct the denominator")
    return value(node.left) / below
