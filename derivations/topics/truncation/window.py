"""The gradient as a sum over ages, what a window of them leaves out, and how large that may be."""

from __future__ import annotations

from sympy import Expr, Integer
from sympy.matrices.expressions import MatMul

from derivations.cell import Definition, Piece, Range
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Quotient,
    Scale,
    SpectralNorm,
    TimeProduct,
    TimeSum,
    Variable,
)
from derivations.topics._writing import (
    call,
    define,
    index,
    length,
    matrix,
    meaning,
    number,
    scalar,
    size,
    tends,
    vector,
)

n = size("n")
t, tau, i, j = index("t"), index("tau"), index("i"), index("j")
ZERO, ONE = Integer(0), Integer(1)
T = size("T")
PAST = (Range(t, ONE, T),)
WINDOW = (*PAST, Range(tau, ONE, t))


def g(step: object) -> Variable:
    """The immediate part of one step."""
    return vector("g", n, step)


def c(step: object) -> Variable:
    """What one step does to what came before it."""
    return matrix("C", n, step)


def a(step: object) -> Variable:
    """The whole gradient after a step."""
    return vector("a", n, step)


def kept(step: object) -> Variable:
    """The part of it inside the window."""
    return vector("ahat", n, step)


START = vector("s", n)
"""What the recursion starts from."""


def through(first: Expr, last: Expr) -> TimeProduct:
    """C_last … C_first."""
    return TimeProduct(c(j), j, first, last)


def ages(first: Expr, last: Expr) -> TimeSum:
    """Σ over i from first to last of the part of age last − i."""
    return TimeSum(MatMul(through(i + 1, last), g(i)), i, first, last)


WHOLE = Definition(a(t), (Piece(build.add(ages(ONE, t), MatMul(through(ONE, t), START))),))
KEPT = Definition(kept(t), (Piece(ages(t - tau + 1, t)),))


def recursion() -> Section:
    """a_t = g_t + C_t a_{t−1}."""
    step = build.add(g(t), MatMul(c(t), a(t - 1)))
    return Section(
        "The whole gradient",
        (
            Step(
                "recursion and its solution",
                "the gradient of a state in the weights adds an immediate part {g} at every step "
                "and carries the rest on by {C}; unrolled it is a sum over ages, with the latest "
                "factor on the left",
                (
                    meaning(WHOLE),
                    Formula(a(t), step, PAST),
                    Formula(a(ZERO), START),
                ),
            ),
        ),
    )


def window() -> Section:
    """What is kept, and exactly what is not."""
    rest = MatMul(through(t - tau + 1, t), a(t - tau))
    lost = build.subtract(a(t), kept(t))
    factors = TimeProduct(SpectralNorm(c(j)), j, t - tau + 1, t)
    same = (define(c(j), build.scale(scalar("w", j), build.diag(build.ones(n, 1)))),)
    return Section(
        "Truncation",
        (
            Step(
                "truncated gradient",
                "only the last {tau} steps are kept",
                (Formula(kept(t), KEPT.pieces[0].value, WINDOW),),
            ),
            Step(
                "exact error",
                "the older terms share their last {tau} factors, and what they share multiplies "
                "the whole gradient of the step before the window",
                (Formula(lost, rest, WINDOW),),
            ),
            Step(
                "bound on the error",
                "submultiplicativity; equality for multiples of the identity",
                (
                    Formula(
                        length(lost),
                        Scale(factors, length(a(t - tau))),
                        WINDOW,
                        (length(rest),),
                        "<=",
                        equality=same,
                    ),
                ),
            ),
        ),
    )


EPSILON = scalar("epsilon")


def unbounded() -> Section:
    """The error may be any multiple of the whole."""
    # A line in t through 1 at the first step and ε − 1 at the second one.
    parts = build.add(Scale(number(t - 1), EPSILON), number(3 - 2 * t))
    place = (Range(t, Integer(2), Integer(2)), Range(tau, ONE, ONE), Range(n, ONE, ONE))
    given = (define(c(t), number(1)), define(START, number(0)), define(g(t), parts))
    lost = build.subtract(a(t), kept(t))
    return Section(
        "No bound relative to the whole",
        (
            Step(
                "two steps that nearly cancel",
                "the immediate parts are 1 at the first step and {epsilon} − 1 at the second one, "
                "and nothing decays",
                (
                    Formula(a(t), EPSILON, place, given=given),
                    Formula(lost, number(1), place, given=given),
                    Formula(kept(t), build.subtract(EPSILON, number(1)), place, given=given),
                ),
            ),
            Step(
                "relative error",
                "so the error is 1/{epsilon} times the whole gradient, which has no bound, and the "
                "truncated gradient has the other sign: that a window always keeps the direction, "
                "or most of the gradient, is wrong",
                (
                    Formula(
                        Quotient(a(t), lost), number(0), place, (EPSILON,), "->",
                        given=given, approach=tends(EPSILON, EPSILON, EPSILON, ZERO).approach,
                    ),
                    Formula(
                        build.scale(a(t), kept(t)), number(0), place, (), "<",
                        given=(*given, define(EPSILON, call("sigmoid", scalar("u")))),
                    ),
                ),
            ),
        ),
    )  # fmt: skip
