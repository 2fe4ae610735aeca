"""Both ends of the temperature, ties included, and the first order near the uniform end."""

from __future__ import annotations

from sympy import Integer, Rational, log, oo
from sympy.matrices.expressions import ZeroMatrix

from derivations.cell import Range
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Constant, LogSoftmax, Quotient, Scale, Softmax
from derivations.topics._writing import (
    call,
    define,
    dot,
    equal,
    meaning,
    number,
    scalar,
    tends,
    vector,
)
from derivations.topics.softmax.symbols import (
    DIRECT,
    INVERSE,
    ONE,
    ONES,
    TAU,
    TEMPERATURE,
    k,
    n,
    r,
    x,
)

M, GAPS = scalar("m"), vector("u", r)
ORDERED = define(
    vector("a", k + r),
    Blocks(
        2, 1, Scale(M, Constant(1, k, 1)),
        build.subtract(Scale(M, Constant(1, r, 1)), call("exp", GAPS)),
    ),
)  # fmt: skip
"""Scores with k equal largest entries in front: exp(u) > 0 is how far below them the others are."""
SHARED = Blocks(2, 1, Constant(1 / k, k, 1), ZeroMatrix(r, 1))


def conventions() -> Section:
    """Both conventions and what softmax is blind to."""
    scores = INVERSE.scores
    powers = call("exp", scores)
    same = Quotient(powers, build.total(powers))
    shifted = Softmax(build.add(x, Scale(M, ONES)))
    halves = (define(TAU, Quotient(ONE, TEMPERATURE)),)
    return Section(
        "Two conventions",
        (
            Step(
                "definition",
                "a factor {tau} on the scores is an inverse temperature; dividing by {T} is the "
                "other convention",
                (
                    Formula(INVERSE.p, Softmax(scores)),
                    equal(INVERSE.p, same),
                    Formula(DIRECT.p, Softmax(DIRECT.scores)),
                ),
            ),
            Step(
                "change of convention",
                "they are the same distribution at {tau} = 1/{T}",
                (Formula(DIRECT.p, INVERSE.p, given=halves),),
            ),
            Step(
                "shift of the scores",
                "a common factor in the numerator and the normalizer cancels, so only differences "
                "of scores count",
                (equal(shifted, Softmax(x)),),
            ),
        ),
    )


def ends() -> Section:
    """τ → 0, τ → ∞; T → ∞, T → 0."""
    top = ORDERED.target
    sharp, flat = Scale(TAU, top), Quotient(top, TEMPERATURE)
    differences = build.subtract(top, Scale(M, Constant(1, k + r, 1)))
    powers = call("exp", Scale(TAU, differences))
    written = Quotient(powers, build.total(powers))
    single = (Range(k, Integer(1), Integer(1)),)
    return Section(
        "Limits",
        (
            Step(
                "uniform limit",
                "with all scores scaled to zero every share is the same, and the entropy is the "
                "largest there is",
                (
                    tends(INVERSE.p, Constant(1 / n, n, 1), TAU, Integer(0)),
                    tends(DIRECT.p, Constant(1 / n, n, 1), TEMPERATURE, oo),
                    tends(INVERSE.entropy, number(log(n)), TAU, Integer(0)),
                ),
            ),
            Step(
                "order of the scores",
                "shares move with their scores when entries change places, so let the {k} equal "
                "largest ones, of value {m}, stand in front of {r} smaller ones",
                (meaning(ORDERED),),
            ),
            Step(
                "limit of sharpness, with ties",
                "after a shift by the largest score its powers are one and all others vanish: the "
                "{k} that tie share equally, so the limit is one-hot only without a tie",
                (
                    tends(Softmax(sharp), SHARED, TAU, oo, written),
                    tends(Softmax(flat), SHARED, TEMPERATURE, Integer(0)),
                    tends(
                        build.negative(dot(Softmax(sharp), LogSoftmax(sharp))),
                        number(log(k)), TAU, oo,
                    ),
                ),
            ),
            Step(
                "argmax",
                "a single largest score takes everything",
                (
                    tends(
                        Softmax(sharp),
                        Blocks(2, 1, ONE, ZeroMatrix(r, 1)),
                        TAU, oo, domain=single,
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def first_order() -> Section:
    """softmax(τx) = 1/n + (τ/n)(x − mean) + …"""
    mean = Scale(number(1 / n), build.total(x))
    line = build.scale(number(1 / n), build.subtract(x, Scale(mean, ONES)))
    rest = build.subtract(INVERSE.p, Constant(1 / n, n, 1))
    return Section(
        "Near the uniform end",
        (
            Step(
                "first order",
                "the derivative in {tau} at the uniform distribution: shares differ by their "
                "distance from the plain mean, over {n}",
                (tends(Quotient(rest, TAU), line, TAU, Integer(0)),),
            ),
            Step(
                "entropy near the uniform end",
                "the slope of the entropy is −{tau} times the variance, so the loss of entropy is "
                "quadratic, with half of the plain variance in front",
                (
                    tends(
                        Quotient(
                            build.subtract(number(log(n)), INVERSE.entropy),
                            build.power(TAU, 2),
                        ),
                        Scale(
                            number(Rational(1, 2)),
                            build.subtract(Scale(number(1 / n), dot(x, x)), build.power(mean, 2)),
                        ),
                        TAU,
                        Integer(0),
                    ),
                ),
            ),
        ),
    )
