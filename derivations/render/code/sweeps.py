"""Reading values inside a sweep over all steps: those of this sweep, and of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Integer

from derivations.expressions.nodes import Variable
from derivations.program.blocks import Sweeps
from derivations.program.spans import gap
from derivations.program.values import Value
from derivations.render.code.code import ATOM, Code, has_axis
from derivations.render.code.scope import Reader, Scope
from derivations.render.code.written import Carried


def sweep_reader(
    block: Sweeps,
    name: str,
    values: Mapping[str, Value],
    identifiers: Mapping[str, str],
    carried: Mapping[str, Carried],
    outside: Reader,
) -> Reader:
    """What the equation of one value of a sweep reads.

    Args:
        block: the sweeps.
        name: whose equation it is.
        values: every value by name.
        identifiers: what this sweep's values are called.
        carried: what those of earlier sweeps are called.
        outside: reads all other values.
    """

    def read(leaf: Variable, scope: Scope) -> Code:
        if leaf.name not in identifiers:
            return outside(leaf, scope)
        delay = block.crossing.get((name, leaf.name), 0)
        text = carried[leaf.name].names[delay - 1] if delay else identifiers[leaf.name]
        labels = scope.labels if leaf.steps else ()
        if leaf.steps and not labels:
            # What arrives at one time before the first step.
            text = f"{text}[{gap(leaf.steps[0], Integer(1))}]"
        elif delay:
            text = f"from_later({text}, {delay})"
        rows, cols = (has_axis(extent) for extent in leaf.shape)
        return Code(text, ATOM, labels, values[leaf.name].batched, rows, cols)

    return read
