"""Invariant boxes: for each state of the specification an interval around every state of the cell
that goes with it, and a step leads from these boxes into these boxes, whatever the length."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verify.arithmetic.interval import Interval
from verify.designs.machine import Machine, State
from verify.designs.search import holds
from verify.designs.specification import Watch

Place = tuple[int, Watch, tuple[int, ...]]
"""(phase, state of the specification, last letters)."""
MOST_PLACES = 512
ROUNDS = 250
MEMORY = 3
_INFLATED = {15: 1e-13, 30: 1e-11, 45: 1e-9, 60: 1e-7, 80: 1e-5, 110: 1e-3, 150: 1e-2, 200: 0.1}
"""After how many rounds boxes that still grow are made larger, by how much of their size."""


@dataclass(frozen=True)
class Boxes:
    """A proof for all lengths.

    Attributes:
        boxes: for each place its box, and a shortest word that leads there.
        memory: how many last letters tell boxes apart.
    """

    boxes: Mapping[Place, State]
    words: Mapping[Place, tuple[int, ...]]
    memory: int = 0


@dataclass
class _Attempt:
    machine: Machine
    memory: int
    boxes: dict[Place, State] = field(default_factory=dict)
    words: dict[Place, tuple[int, ...]] = field(default_factory=dict)

    def close(self) -> bool:
        """Grow the boxes until a step leads into them; false where they do not settle."""
        machine = self.machine
        root: Place = (1, machine.design.specification.start(), ())
        self.boxes, self.words = {root: machine.start()}, {root: ()}
        changed = [root]
        for number in range(ROUNDS):
            grown: dict[Place, State] = {}
            for place, letter, state, _ in self._steps(changed):
                there = self._next(place, letter)
                old = grown.get(there, self.boxes.get(there))
                if old is None:
                    if len(self.boxes) + len(grown) >= MOST_PLACES:
                        return False
                    self.words.setdefault(there, (*self.words[place], letter))
                    grown[there] = state
                elif not _within(state, old):
                    grown[there] = _hull(state, old)
            if not grown:
                return True
            share = _INFLATED.get(number)
            for there, box in grown.items():
                self.boxes[there] = box if share is None else _inflated(box, share)
            if any(not _bounded(box) for box in grown.values()):
                return False
            changed = list(grown)
        return False

    def answers(self) -> bool:
        """Whether every box is answered rightly by every letter."""
        specification = self.machine.design.specification
        for place, letter, _, margin in self._steps(list(self.boxes)):
            watch = specification.after(place[1], letter)
            if specification.asked(watch, place[0]):
                answer = holds(self.machine, margin)
                if answer is None or answer != specification.expects(watch):
                    return False
        return True

    def _steps(self, places: list[Place]) -> Iterator[tuple[Place, int, State, Any]]:
        for phase in sorted({place[0] for place in places}):
            there = [place for place in places if place[0] == phase]
            states, margins = self.machine.step([self.boxes[place] for place in there], phase)
            for place, nexts, answers in zip(there, states, margins, strict=True):
                for letter, (state, margin) in enumerate(zip(nexts, answers, strict=True)):
                    yield place, letter, state, margin

    def _next(self, place: Place, letter: int) -> Place:
        phase, watch, last = place
        recent = (*last, letter)[-self.memory :] if self.memory else ()
        following = self.machine.design.specification.after(watch, letter)
        return min(phase + 1, self.machine.phases), following, recent


def invariant_boxes(machine: Machine, memory: int = MEMORY) -> Boxes | None:
    """Boxes that prove the design right at every length; ``None`` where none were found.

    Boxes are told apart by more and more of the last letters until the answers are certain.

    Args:
        memory: by how many letters at most.
    """
    if machine.design.specification.has_sums:
        return None
    for letters in range(memory + 1):
        attempt = _Attempt(machine, letters)
        if attempt.close() and attempt.answers():
            return Boxes(attempt.boxes, attempt.words, letters)
    return None


def _within(a: State, b: State) -> bool:
    return all(x is None or x.within(y) for x, y in zip(a, b, strict=True))


def _hull(a: State, b: State) -> State:
    return tuple(None if x is None else x.hull(y) for x, y in zip(a, b, strict=True))


def _bounded(box: State) -> bool:
    return all(x is None or (math.isfinite(x.low) and math.isfinite(x.high)) for x in box)


def _inflated(box: State, share: float) -> State:
    def larger(x: Interval | None) -> Interval | None:
        if x is None:
            return None
        size = max(abs(x.low), abs(x.high)) * share
        return Interval(x.low - size, x.high + size)

    return tuple(map(larger, box))
