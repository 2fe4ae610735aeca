"""The whole derivation, section by section."""

from __future__ import annotations

from math import isqrt

from sympy import sqrt

from derivations.derivation import Derivation, Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Power, Quotient, Scale
from derivations.topics._writing import (
    assembled,
    call,
    define,
    equal,
    meaning,
    number,
    scalar,
    size,
)
from derivations.topics.checkpointing.schedule import cost, schedule

T = size("T")
SPACING, FREE, STORED, WORK = scalar("s"), scalar("lambda"), scalar("m"), scalar("f")
LENGTHS = (100, 10000)
EVERY = number(T)
DEFINITIONS = (
    define(SPACING, call("exp", FREE)),
    define(STORED, build.subtract(build.add(Quotient(EVERY, SPACING), SPACING), number(1))),
    define(WORK, build.subtract(Scale(number(2), EVERY), Quotient(EVERY, SPACING))),
)


def _counted() -> str:
    """What the schedule itself says."""
    found = []
    for length in LENGTHS:
        plain, sparse = cost(schedule(length, 1)), cost(schedule(length, isqrt(length)))
        found.append(
            f"{sparse.stored} states instead of {plain.stored} and {sparse.forward} forward steps "
            f"instead of {plain.forward} for T = {length}"
        )
    return "; ".join(found)


def storage() -> Section:
    """O(T) without checkpoints, O(√T) with them."""
    best, least = define(SPACING, number(sqrt(T))), number(2 * sqrt(T) - 1)
    root = call("sqrt", Quotient(EVERY, SPACING))
    gap = Power(build.subtract(call("sqrt", SPACING), root), 2)
    return Section(
        "Storage",
        (
            Step(
                "every state stored",
                "the backward pass reads the states in the opposite order, the first one last, so "
                "without recomputing all {T} of them are kept: storage grows like the length",
                (Formula(STORED, EVERY, given=(define(SPACING, number(1)),)),),
            ),
            Step(
                "checkpoints",
                "kept are the states at every multiple of a positive spacing {s}, and the states "
                "of the one segment that is being read, recomputed from its checkpoint; the last "
                "of those is a checkpoint itself",
                tuple(map(meaning, DEFINITIONS[:2])),
            ),
            Step(
                "best spacing",
                "the square that is left out is zero where both parts are equal: with a spacing "
                "of √T the storage grows like √T, and no spacing makes it smaller",
                (
                    equal(STORED, build.add(least, gap)),
                    Formula(STORED, least, (), (), ">=", equality=(best,)),
                ),
            ),
        ),
    )  # fmt: skip


def work() -> Section:
    """At most one forward pass more."""
    return Section(
        "Work",
        (
            Step(
                "forward steps",
                "every state but the ends of the segments is computed twice, which is less than "
                "one more forward pass",
                (
                    meaning(DEFINITIONS[2]),
                    Formula(WORK, number(2 * T), (), (), "<"),
                ),
            ),
            Step("counted", f"the schedule, run: {_counted()}", ()),
        ),
    )  # fmt: skip


def checkpointing(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    return assembled(title, source, (storage(), work()), DEFINITIONS)
