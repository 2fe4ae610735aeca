"""What is known of the fixed points of a unit, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Expr, fraction

from verify.designs.fixed_points import STATE, WEIGHT, Memory


def memory_lines(memories: tuple[Memory, ...]) -> Iterator[str]:
    """The condition for two stable states, and what holds at the given numbers."""
    if not memories:
        return
    first = memories[0]
    low, high = first.turning
    yield (
        f"Memory: {STATE} = {first.function}({WEIGHT} * {STATE} + s), of {STATE} = "
        f"{first.state}[t], has two stable solutions exactly if"
    )
    inverse = _upright(first.inverse)
    yield f"  {WEIGHT} > {first.least_weight} and s(h+) < s < s(h-), s(h) = {inverse} - a*h,"
    yield f"  h+ = {high}, h- = {low}"
    for memory in memories:
        yield f"  {memory.letter} held: {_here(memory)}"
        alone = ((symbol, memory.window(symbol)) for symbol in memory.numbers)
        ranges = [f"{s} in ({_number(w[0])}, {_number(w[1])})" for s, w in alone if w is not None]
        if ranges:
            yield f"    the others as given, two exactly for {'; '.join(ranges)}"


def memory_dict(memory: Memory) -> dict[str, Any]:
    """The same as JSON."""
    windows = {str(symbol): memory.window(symbol) for symbol in memory.numbers}
    return {
        "letter": memory.letter,
        "function": memory.function,
        "weight": str(memory.weight),
        "shift": str(memory.shift),
        "least_weight": str(memory.least_weight),
        "limits": [float(end) for end in memory.limits] if memory.strong else None,
        "bistable": memory.bistable,
        "windows": {k: [float(end) for end in ends] for k, ends in windows.items() if ends},
    }


def _upright(expression: Expr) -> Expr:
    """Quotients in it without a minus that both parts share: ``h/(1 - h)`` for ``-h/(h - 1)``."""

    def turned(quotient: Expr) -> Expr:
        above, below = fraction(quotient)
        return -above / (-below).expand() if above.could_extract_minus_sign() else quotient

    return expression.replace(lambda part: part.is_Mul and fraction(part)[1] != 1, turned)


def _here(memory: Memory) -> str:
    weight, shift = memory.at(memory.weight), memory.at(memory.shift)
    text = f"a = {_named(memory.weight, weight)}"
    if not memory.strong:
        return f"{text} <= {memory.least_weight}: one"
    low, high = map(_number, memory.limits)
    text += f", s = {_named(memory.shift, shift)}"
    if memory.bistable:
        return f"{text} in ({low}, {high}): two"
    return f"{text} outside ({low}, {high}): one"


def _named(expression: Any, value: Any) -> str:
    return str(value) if expression == value else f"{expression} = {value}"


def _number(value: Any) -> str:
    return f"{float(value):.6f}"
