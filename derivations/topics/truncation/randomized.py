"""Truncation at random: every outcome written out, the mean of all, and the variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product as combinations

from sympy import Integer
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Power, Quotient, Scale, Variable
from derivations.topics._writing import call, define, equal, meaning, number, scalar

PI, PREVIOUS = scalar("pi"), scalar("z")
ONE = number(1)
KEEP = Quotient(ONE, PI)
NEVER = build.subtract(ONE, PI)
STEPS = 2
"""How many random steps are written out."""


def b(step: int) -> Variable:
    """The immediate part of a step, 1×1."""
    return scalar("b", Integer(step))


def c(step: int) -> Variable:
    """The factor of a step, 1×1."""
    return scalar("c", Integer(step))


def outcome(choices: Sequence[bool], start: MatrixExpr) -> MatrixExpr:
    """z after the steps with these choices, with ξ = 1/π where the past is kept, else 0."""
    z = start
    for step, keeps in enumerate(choices, start=1):
        kept = Scale(Scale(KEEP, c(step)), z)
        z = build.add(b(step), kept) if keeps else b(step)
    return z


def probability(choices: Sequence[bool]) -> MatrixExpr:
    """How likely these choices are."""
    return reduce(build.scale, [PI if keeps else NEVER for keeps in choices])


def exact(steps: int, start: MatrixExpr) -> MatrixExpr:
    """The recursion without chance: a_t = b_t + c_t a_{t−1}."""
    value = start
    for step in range(1, steps + 1):
        value = build.add(b(step), Scale(c(step), value))
    return value


def mean(steps: int, start: MatrixExpr, power: int = 1) -> MatrixExpr:
    """The mean of a power of z over all 2^steps outcomes."""
    every = combinations((True, False), repeat=steps)
    return build.add(
        *(
            Scale(probability(choices), build.power(outcome(choices, start), power))
            for choices in every
        )
    )


MEAN_XI, VARIANCE_XI = scalar("xibar"), scalar("v_xi")
MEAN, VARIANCE = scalar("zbar", Integer(STEPS)), scalar("v", Integer(STEPS))
SQUARE = build.subtract(Scale(PI, Power(KEEP, 2)), Power(MEAN_XI, 2))
DEFINITIONS: tuple[Definition, ...] = (
    define(MEAN_XI, MatAdd(Scale(PI, KEEP), Scale(NEVER, number(0)))),
    define(VARIANCE_XI, SQUARE),
    define(MEAN, mean(STEPS, PREVIOUS)),
    define(VARIANCE, build.subtract(mean(STEPS, PREVIOUS, 2), Power(MEAN, 2))),
)


def randomized() -> Section:
    """Unbiased by enumeration, with a positive variance."""
    return Section("Truncation at random", tuple(_steps()))


def _steps() -> Iterator[Step]:
    odds = Quotient(NEVER, PI)
    first, second = (Scale(Power(c(step), 2), odds) for step in (1, 2))
    inner = build.scale(Power(PREVIOUS, 2), first)
    spread = build.add(
        Scale(second, Power(exact(1, PREVIOUS), 2)),
        Scale(Quotient(Power(c(2), 2), PI), inner),
    )
    chance = define(PI, call("sigmoid", scalar("u")))
    yield Step(
        "the random factor",
        "with z_t = b_t + ξ_t c_t z_{t−1}, ξ is 1/{pi} with probability {pi} and 0 otherwise: a "
        "bar is the mean over all outcomes",
        (
            meaning(DEFINITIONS[0]),
            equal(MEAN_XI, ONE),
            meaning(DEFINITIONS[1]),
            equal(VARIANCE_XI, odds),
        ),
    )
    yield Step(
        "mean over all outcomes",
        f"the {2**STEPS} outcomes of {STEPS} steps, each with its probability, starting from z",
        (meaning(DEFINITIONS[2]),),
    )
    yield Step(
        "unbiased",
        "the probabilities cancel against the factors: the mean is the recursion without chance, "
        "and so at every later step, since {pi} times 1/{pi} is 1",
        (equal(MEAN, exact(STEPS, PREVIOUS)),),
    )
    yield Step(
        "variance",
        "the mean of the squares minus the square of the mean; each step adds the square of what "
        "it may drop, times (1 − {pi})/{pi}, and multiplies the variance so far by the square of "
        "its factor over {pi}",
        (meaning(DEFINITIONS[3]), equal(VARIANCE, spread)),
    )
    yield Step(
        "price",
        "for a probability below one, here σ(u), the variance is positive wherever something "
        "could be dropped: that truncation at random costs nothing because it is unbiased is wrong",
        (Formula(VARIANCE, number(0), (), (), ">", given=(chance,)),),
    )
