"""When an encoding tells positions apart, and what simpler encodings lack."""

from __future__ import annotations

import numpy as np
from sympy import Integer, Symbol, pi

from derivations.cell import Definition, Piece, Range
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Constant, Power, Scale, Variable
from derivations.topics.positional.pairs import Pairs, column, number, t, tau
from derivations.topics.positional.precision import collisions, encodings, repeats
from derivations.topics.positional.shifts import squared

POSITIONS = 70000
SHORT, LONG = 10, 1000
N = Symbol("N", integer=True, positive=True)
n = Symbol("n", integer=True)


def fraction(at: object) -> Variable:
    """t/(N − 1) as a variable."""
    return Variable("r", (at,), 1, 1)


def count(at: object) -> Variable:
    """The position itself as a variable."""
    return Variable("u", (at,), 1, 1)


DEFINITIONS = (
    Definition(fraction(t), (Piece(number(t / (N - 1))),)),
    Definition(count(t), (Piece(number(t)),)),
)


def uniqueness(p: Pairs) -> Section:
    """Integer positions, real positions, low precision."""
    apart = (Range(n, Integer(1), N),)
    half = Power(p.sin(n / 2), 2)
    by_halves = Scale(number(4), p.total(half))
    distance = squared(build.subtract(p.encoding(t + n), p.encoding(t)))
    around = Constant(2 * pi, 1, 1)
    later = build.add(p.angle(t), around)
    turned = column(Apply("sin", (0,), later), Apply("cos", (0,), later))
    counts = {
        dtype: collisions(dtype, 2, POSITIONS) for dtype in ("float32", "float16", "bfloat16")
    }
    low = ", ".join(f"{dtype} {number_}" for dtype, number_ in counts.items())
    return Section(
        "Uniqueness",
        (
            Step(
                "algebraic angles",
                "the sine is zero at the multiples of π alone; half the angle between two integer "
                "positions is no such multiple, as a frequency is a root of a rational number: the "
                "angle is algebraic and not zero, π is transcendental",
                (Formula(half, number(0), (*apart, *p.all), relation=">"),),
            ),
            Step(
                "integer positions",
                "so the distance above is positive: no two positions that are a whole number apart "
                "share an encoding, and a single pair is enough to tell them apart",
                (Formula(distance, number(0), apart, (by_halves,), relation=">"),),
            ),
            Step(
                "real positions",
                "at real positions one pair repeats after a full turn, at the distance 2π/ω; all "
                "pairs repeat together where neighbouring frequencies have a rational ratio, that "
                "is for d = 2, 4, 8; for other d two frequencies without a common period keep real "
                "positions apart, but some come as close as you like",
                (Formula(turned, p.pair(t), p.all),),
            ),
            Step(
                "low precision",
                f"rounding undoes uniqueness; among the first {POSITIONS} positions with d = 2, "
                f"those with the rounded encoding of an earlier one are: {low}",
                (),
            ),
        ),
    )


def alternatives() -> Section:
    """The encodings t/(N−1) and t."""
    steps = [f"{1 / (size - 1):.3g} for N = {size}" for size in (SHORT, LONG)]
    positions = np.arange(POSITIONS, dtype=float)[:, None]
    shared = repeats(positions, "float16")
    norm = float(np.linalg.norm(encodings(2, POSITIONS), axis=1).max())
    return Section(
        "Simpler encodings, and what fails",
        (
            Step(
                "position as a fraction of the length",
                "the difference that an offset makes depends on the length N of the sequence: "
                f"one step is {' and '.join(steps)}, so an offset learned at one length is "
                "another offset at another; nor is the shift linear, as it moves 0",
                (
                    Formula(fraction(t), number(t / (N - 1))),
                    Formula(fraction(t + tau), build.add(fraction(t), number(tau / (N - 1)))),
                ),
            ),
            Step(
                "position itself",
                "a shift adds the offset, which no matrix does, and the values grow without "
                f"bound: {POSITIONS - 1} at the last of {POSITIONS} positions where the norm of a "
                f"sinusoidal pair is {norm:.3g}; in float16 {shared} of them have the value of an "
                "earlier one",
                (
                    Formula(count(t), number(t)),
                    Formula(count(t + tau), build.add(count(t), number(tau))),
                ),
            ),
        ),
    )
