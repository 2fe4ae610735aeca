"""The choice between a loop and its joined form, as code that decides when it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivations.program.blocks import Choice
from derivations.program.cost import ROUNDS, costs, joining
from derivations.program.schedule import steps_in
from derivations.program.values import Value
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names


def joining_lines(
    block: Choice,
    values: Mapping[str, Value],
    names: Names,
    dialect: Dialect,
    joined: Sequence[str],
    looped: Sequence[str],
) -> list[str]:
    """Both ways under a condition on what each takes.

    Args:
        values: of the program that the loop belongs to.
        joined, looped: the lines of either way.
    """
    steps = names.expression(steps_in(block.loop.over), {})
    rounds = {ROUNDS: f"{steps if steps.isidentifier() else f'({steps})'}.bit_length()"}
    form = joining(block)
    looping = costs([block], values, ())[0].multiply_adds.total
    takes = [looping, form.multiply_adds.total, form.products]
    given = ", ".join(names.expression(number, rounds) for number in takes)
    return [
        f"if joins(OVERHEADS, {dialect.device}, {steps}, {len(block.names)}, batch, {given}):",
        *(f"    {line}" for line in joined),
        "else:",
        *(f"    {line}" for line in looped),
    ]
