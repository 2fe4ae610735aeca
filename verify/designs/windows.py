"""Around one value of a given number: all values for which the design is proved to work.

The number itself is an interval in the invariant boxes, so that one proof covers all its values.
On either side the window grows until a value fails or the proof no longer closes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derivations.errors import MissingRule
from verify.arithmetic.enclosing import IntervalArithmetic
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.interval import Interval, interval
from verify.designs.boxes import invariant_boxes
from verify.designs.design import Design, Entry
from verify.designs.machine import Machine
from verify.designs.search import Node, Search
from verify.designs.specification import TooMuch

PRECISION = Fraction(1, 64)
"""How close, relative to the scale, a proved end comes to a failing one."""
DOUBLINGS = 8
WORD = 200
_PARTS = 3
_REACH = (4, 4, 6, 8, 10)
"""How many steps to either side, for steps of the scale, half of it, a quarter, …"""


@dataclass(frozen=True)
class Side:
    """One end of a window.

    Attributes:
        proved: the design works for every value up to here.
        fails: a value beyond for which it fails, with a word; ``None``: none was found.
    """

    proved: Fraction
    fails: Fraction | None = None
    word: tuple[int, ...] = ()


@dataclass(frozen=True)
class Window:
    """The values from ``low.proved`` to ``high.proved``."""

    low: Side
    high: Side


def window(design: Design, entry: Entry, value: Fraction) -> Window | None:
    """The window around a value; ``None`` where the value itself is not proved to work."""
    if not _proved(design, entry, value, value):
        return None
    return Window(_side(design, entry, value, -1), _side(design, entry, value, 1))


def repairs(design: Design, entry: Entry) -> Iterator[Fraction]:
    """Values of an entry for which the design works, the coarsest steps first."""
    current = design.value(entry)
    tried = {current}
    for value in _candidates(current):
        if value in tried:
            continue
        tried.add(value)
        if _counterexample(design, entry, value) is None and _proved(design, entry, value, value):
            yield value


def _candidates(current: Fraction) -> Iterator[Fraction]:
    """Ever finer grids around a value, each from near to far."""
    scale = _scale(current)
    for level, reach in enumerate(_REACH):
        step = scale / 2**level
        for k in range(1, reach + 1):
            for sign in (-1, 1):
                # Multiples of the step, so that repairs are simple numbers.
                yield (current // step + sign * k + (sign < 0 and current % step > 0)) * step


def _scale(value: Fraction) -> Fraction:
    """A power of two about as large as a value, 1 at the least."""
    size = max(abs(value), Fraction(1))
    power = Fraction(1)
    while power * 2 <= size:
        power *= 2
    return power


def _side(design: Design, entry: Entry, value: Fraction, sign: int) -> Side:
    scale = _scale(value)
    proved, step = value, scale / 8
    fails: Fraction | None = None
    word: tuple[int, ...] = ()
    for _ in range(DOUBLINGS):
        wrong = _counterexample(design, entry, value + sign * step)
        if wrong is not None:
            fails, word = value + sign * step, wrong.word
            break
        if _proved(design, entry, *sorted((proved, value + sign * step))):
            proved = value + sign * step
        step *= 2
    if fails is None:
        return Side(proved)
    while abs(fails - proved) > scale * PRECISION:
        middle = (fails + proved) / 2
        wrong = _counterexample(design, entry, middle)
        if wrong is not None:
            fails, word = middle, wrong.word
        elif _proved(design, entry, *sorted((proved, middle))):
            proved = middle
        else:
            break
    return Side(proved, fails, word)


def _machine(design: Design, entry: Entry, value: Any) -> Machine:
    return Machine(design, IntervalArithmetic(design.jumps), {entry: value})


def _counterexample(design: Design, entry: Entry, value: Fraction) -> Node | None:
    machine = _machine(design, entry, interval(value))
    single = machine.size == 1
    search = Search(machine, prune=single, limit=2_000, rough=single)
    try:
        search.run(WORD if search.pruned else 12)
    except (NoCounterpart, MissingRule, TooMuch):
        return None
    return search.wrong


def _proved(design: Design, entry: Entry, low: Fraction, high: Fraction) -> bool:
    """Whether the design works at every length for every value between two."""
    try:
        return _covered(design, entry, low, high, _PARTS if low < high else 0)
    except (NoCounterpart, MissingRule, TooMuch):
        return False


def _covered(design: Design, entry: Entry, low: Fraction, high: Fraction, depth: int) -> bool:
    """A proof in up to 2^depth parts: a shorter interval gives tighter boxes."""
    memory = 0 if low < high else 1
    around = Interval(interval(low).low, interval(high).high)
    if invariant_boxes(_machine(design, entry, around), memory) is not None:
        return True
    if depth == 0:
        return False
    middle = (low + high) / 2
    return _covered(design, entry, low, middle, depth - 1) and _covered(
        design, entry, middle, high, depth - 1
    )
