"""Derivatives of a map in one of its arguments: which argument a name or a number means."""

from __future__ import annotations

from derivations.errors import InputError
from derivations.language.tree import Call, Name, Node, Number, Partial, SlotDerivative, Span


def in_argument(node: Partial) -> Node:
    """``∂f(x_t, h_{t-1}, w)/∂h`` as the derivative in the argument called ``h``."""
    above, below = node.numerator, node.denominator
    if isinstance(above, Call) and isinstance(below, Name) and not below.indices:
        named = [arg for arg in above.args if isinstance(arg, Name) and arg.name == below.name]
        if named and below not in named:
            return named_slot(above, below, node.span)
    return node


def named_slot(call: Call, denominator: Node, span: Span) -> SlotDerivative:
    """``df/dh`` at the arguments of ``call``: the slot of the argument called ``h``.

    Raises:
        InputError: no argument has that name, or several have.
    """
    if isinstance(denominator, Number):
        return SlotDerivative(call, slot_number(denominator), span=span)
    name = denominator.name if isinstance(denominator, Name) else ""
    found = [
        position
        for position, argument in enumerate(call.args, start=1)
        if isinstance(argument, Name) and argument.name == name
    ]
    if isinstance(denominator, Name) and denominator.indices and len(found) > 1:
        found = [slot for slot in found if call.args[slot - 1] == denominator]
    if len(found) == 1:
        return SlotDerivative(call, found[0], span=span)
    raise InputError(
        f"{'no' if not found else 'more than one'} argument of {call.function} is called "
        f"{name or 'that'}",
        denominator.span,
        f"Give the position instead: partial({call.function}(…), 2).",
    )


def slot_number(node: Node) -> int:
    """The position that ``node`` spells.

    Raises:
        InputError: it is not a whole number from 1 on.
    """
    if isinstance(node, Number) and node.value.denominator == 1 and node.value >= 1:
        return int(node.value)
    raise InputError(
        "the position of an argument is a whole number",
        node.span,
        "Count the arguments from 1: partial(f(x, h), 2).",
    )
