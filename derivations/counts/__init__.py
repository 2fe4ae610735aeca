"""Counts: parameters, and the operations and stored values of one step, as formulas in the sizes.

>>> from derivations.counts import count
>>> count("lstm").parameters.count.text()
'4*(m*n + n**2 + n)'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivations.cell import Cell
from derivations.counts.parameters import Parameters, parameters
from derivations.counts.steps import Steps
from derivations.deriver import deriver_of
from derivations.loading import load

__all__ = ["Counts", "count"]


@dataclass(frozen=True)
class Counts:
    """Everything that is counted about a cell."""

    cell: Cell
    parameters: Parameters
    steps: Steps


def count(cell: str | Sequence[str]) -> Counts:
    """Count the parameters of a cell and the work of its steps.

    Args:
        cell: a catalogue name, a path, or equations, one string each.

    Raises:
        InputError: it does not exist, does not parse, or its shapes do not fit.
    """
    compiled = load(cell)
    found, deriver = parameters(compiled), deriver_of(compiled.cell)
    wanted = tuple(w.name for w in found.weights if w.name in deriver.adjoints)
    return Counts(compiled.cell, found, Steps(deriver, wanted))
