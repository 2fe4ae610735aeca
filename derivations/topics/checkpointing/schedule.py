"""A backward pass with checkpoints as a list of actions, and what it costs, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from derivations.errors import InputError

Verb = Literal["forward", "backward", "drop"]


@dataclass(frozen=True)
class Action:
    """What is done at one step.

    ``forward`` computes the state of the step from the one before it and stores it, ``backward``
    carries the gradient from the state of the step to the one before it, ``drop`` forgets a state.
    """

    verb: Verb
    step: int


@dataclass(frozen=True)
class Cost:
    """Most states stored at once, the initial one left out, and how many forward steps are run."""

    stored: int
    forward: int


def schedule(length: int, spacing: int) -> Iterator[Action]:
    """The actions for ``length`` steps with a checkpoint every ``spacing`` of them.

    Args:
        length: number of steps, 1 or more.
        spacing: 1 to store every state.

    Raises:
        InputError: one of them is not positive.
    """
    if length < 1 or spacing < 1:
        raise InputError("steps and spacing are 1 or more", remedy="give positive numbers")
    for step in range(1, length + 1):
        yield Action("forward", step)
        if (step - 1) % spacing and step - 1 > 0:
            yield Action("drop", step - 1)
    last = length
    while last > 0:
        checkpoint = (last - 1) // spacing * spacing
        # The end of the segment is stored: its last step, or the checkpoint behind it.
        for step in range(checkpoint + 1, last):
            yield Action("forward", step)
        for step in range(last, checkpoint, -1):
            yield Action("backward", step)
            yield Action("drop", step)
        last = checkpoint


def cost(actions: Iterable[Action]) -> Cost:
    """What a schedule needs."""
    live: set[int] = set()
    stored = forward = 0
    for action in actions:
        if action.verb == "forward":
            live.add(action.step)
            forward += 1
        elif action.verb == "drop":
            live.remove(action.step)
        stored = max(stored, len(live))
    return Cost(stored, forward)
