"""A loop as text, before a library gives it its form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Carried:
    """A value of the steps before: names from the last one back, and what they start as."""

    names: list[str]
    starts: list[str]
    now: str


@dataclass(frozen=True)
class Room:
    """An array that a loop writes over.

    Attributes:
        array: the array.
        result: what it is called after the loop.
        read: (name of a part of its entry in one step, the rows from which to which).
        entries: of one step, what is written over it, beside one another.
        apart: whether nothing else that a step finds reads the array.
    """

    array: str
    result: str
    read: list[tuple[str, tuple[str, ...]]]
    entries: list[str]
    apart: bool


@dataclass
class Written:
    """A loop as text.

    Attributes:
        name: identifier of the function that is one step, where the loop calls one.
        counter: identifier of the position of a step, from zero.
        length: how many steps.
        forward: whether the first comes first.
        carried: values of the steps before.
        given: (array, name of its entry in one step).
        statements: of one step.
        stored: (array, its entry, shape of the array, place of the loop's axis in it).
        left: names among the carried ones that are read after the last step.
        room: what it writes over, if it does.
    """

    name: str
    counter: str
    length: str
    forward: bool
    carried: list[Carried]
    given: list[tuple[str, str]]
    statements: list[str]
    stored: list[tuple[str, str, str, int]]
    left: frozenset[str] = frozenset()
    room: Room | None = None
