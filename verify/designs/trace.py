"""What a design computes on one word, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.arithmetic.interval import Interval
from verify.designs.machine import Machine
from verify.designs.search import holds


@dataclass(frozen=True)
class Row:
    """One time: the letter, the values, the answer, and the right one (``None``: not asked)."""

    time: int
    letter: str
    values: tuple[str, ...]
    answer: bool | None
    right: bool | None


@dataclass(frozen=True)
class Trace:
    """The values of ``names`` along a word; ``initial`` are those at time 0."""

    names: tuple[str, ...]
    initial: tuple[str, ...]
    rows: tuple[Row, ...]


def trace(machine: Machine, word: Sequence[int]) -> Trace:
    """Run a word.

    Args:
        word: numbers of letters.
    """
    cell = machine.design.cell
    last = machine.design.answer.variable
    defined = [definition.name for definition in machine.structure.definitions]
    names = (*(n for n in defined if n not in cell.auxiliary and n != last), last)
    specification = machine.design.specification
    state, watch = machine.start(), specification.start()
    before = dict(zip(machine.names, state, strict=True))
    initial = tuple(shown_entry(before.get(f"{name}[t]")) for name in names)
    rows: list[Row] = []
    for number, letter in enumerate(word, 1):
        phase = min(number, machine.phases)
        values = machine.values(state, letter, phase, names)
        nexts, margins = machine.step([state], phase)
        state, watch = nexts[0][letter], specification.after(watch, letter)
        right = specification.expects(watch) if specification.asked(watch, phase) else None
        shown = tuple(_shown(value) for value in values)
        text = machine.design.letters[letter].name
        rows.append(Row(number, text, shown, holds(machine, margins[0][letter]), right))
    return Trace(names, initial, tuple(rows))


def _shown(value: Any) -> str:
    texts = [shown_entry(entry) for entry in np.ravel(value)]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def shown_entry(entry: Any) -> str:
    """One number for a reader: exact where it is short, six digits else."""
    if entry is None:
        return ""
    if isinstance(entry, Interval):
        middle = entry.low + (entry.high - entry.low) / 2
        return f"{middle:.6g}"
    exact = Fraction(entry)
    return str(exact) if exact.denominator < 1_000 else f"{float(exact):.6g}"
