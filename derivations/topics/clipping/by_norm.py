"""Clipping by norm: the projection onto a ball."""

from __future__ import annotations

from sympy.matrices.expressions import Identity, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Jacobian, Power, Quotient, Scale, Variable
from derivations.topics._calculus import jacobian
from derivations.topics._writing import (
    call,
    define,
    dot,
    equal,
    length,
    meaning,
    number,
    scalar,
    size,
    vector,
)

n = size("n")
ONE = number(1)
KAPPA, LEVEL, SHARE = scalar("kappa"), scalar("lambda"), scalar("u")
THRESHOLD = define(KAPPA, call("exp", LEVEL))
g, e, q, q_e, v = (vector(name, n) for name in ("g", "e", "q", "q_e", "v"))
RHO = scalar("rho")
NORM = define(RHO, length(g))


def norm_clip(x: MatrixExpr, norm: MatrixExpr) -> MatrixExpr:
    """κ/max(κ, ‖x‖) x, which has a value at zero."""
    return Scale(Quotient(KAPPA, call("max", KAPPA, norm)), x)


CLIPPED, OTHER = define(q, norm_clip(g, RHO)), define(q_e, norm_clip(e, length(e)))
UNIT = Quotient(v, length(v))
BELOW = Scale(KAPPA, call("sigmoid", SHARE))
ABOVE = Scale(KAPPA, build.add(ONE, call("exp", SHARE)))
INSIDE, OUTSIDE = define(g, Scale(BELOW, UNIT)), define(g, Scale(ABOVE, UNIT))
"""Gradients of any direction with a norm below the threshold, and above it."""


def opposite_inside() -> tuple[Definition, ...]:
    """Two gradients inside the ball, opposite to each other."""
    return INSIDE, define(e, build.negative(Scale(BELOW, UNIT)))


def threshold() -> Section:
    """κ > 0."""
    return Section(
        "Threshold",
        (Step("definition", "any positive number", (meaning(THRESHOLD),)),),
    )


def by_norm() -> Section:
    """Definition, laws and direction."""
    shorter = call("min", KAPPA, RHO)
    cosine = Quotient(dot(g, q), Scale(RHO, length(q)))
    return Section(
        "By norm",
        (
            Step(
                "definition",
                "the larger of the threshold and the norm stands below, so that a zero gradient "
                "stays zero; with a minimum outside it would be 0 times κ/0",
                (
                    meaning(NORM),
                    meaning(CLIPPED),
                    equal(q, Scale(call("min", ONE, Quotient(KAPPA, RHO)), g)),
                    Formula(q, build.zeros((n, 1)), given=(define(g, build.zeros((n, 1))),)),
                ),
            ),
            Step(
                "rescaling on a condition",
                "below the threshold nothing happens; above it the norm becomes the threshold",
                (
                    Formula(q, g, given=(INSIDE,)),
                    Formula(q, Scale(KAPPA, Quotient(g, RHO)), given=(OUTSIDE,)),
                ),
            ),
            Step(
                "norm",
                "never above the threshold, and equal to it for all larger gradients",
                (
                    equal(length(q), shorter),
                    Formula(length(q), KAPPA, (), (), "<=", equality=(OUTSIDE,)),
                ),
            ),
            Step(
                "direction",
                "the factor is positive, so the direction is kept",
                (equal(cosine, ONE),),
            ),
            *projection(OTHER, q, norm_clip(q, length(q)), opposite_inside()),
            Step(
                "rescaling without the condition",
                "that clipping is g κ/‖g‖ for every gradient is wrong: a gradient below the "
                "threshold would be made longer, and a zero one has no value",
                (
                    Formula(
                        length(Scale(KAPPA, Quotient(g, RHO))), RHO, (), (), ">",
                        given=(INSIDE,),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def projection(
    other: Definition,
    clipped: Variable,
    twice: MatrixExpr,
    unclipped: tuple[Definition, ...],
) -> tuple[Step, ...]:
    """What every projection onto a convex set does: nothing the second time, and no stretching.

    Args:
        other: what e becomes.
        clipped: what g becomes.
        twice: the same done to that.
        unclipped: values of both at which nothing is clipped.
    """
    between = build.subtract(clipped, other.target)
    return (
        Step(
            "idempotence",
            "what is clipped already stays as it is",
            (equal(twice, clipped),),
        ),
        Step(
            "no stretching",
            "two gradients {g} and {e} come no further apart: clipping is the projection onto a "
            "convex set",
            (
                meaning(other),
                Formula(
                    length(between), length(build.subtract(g, e)), (), (), "<=",
                    equality=unclipped,
                ),
            ),
        ),
    )  # fmt: skip


def norm_jacobian() -> Section:
    """κ/max(κ, ‖g‖) (I − [‖g‖ > κ] g gᵀ/‖g‖²)."""
    along = Quotient(Transpose(g), RHO)
    by_rule = jacobian(norm_clip(g, RHO), g, {RHO: along})
    outside = call("step", build.subtract(RHO, KAPPA))
    radial = Quotient(MatMul(g, Transpose(g)), Power(RHO, 2))
    factor = Quotient(KAPPA, call("max", KAPPA, RHO))
    value = Scale(factor, build.subtract(Identity(n), Scale(outside, radial)))
    beyond = Scale(Quotient(KAPPA, RHO), build.subtract(Identity(n), radial))
    return Section(
        "Jacobian of clipping by norm",
        (
            Step(
                "slope of the norm",
                "a norm grows along its own direction",
                (Formula(Jacobian(RHO, g), along, (), (jacobian(length(g), g),)),),
            ),
            Step(
                "Jacobian",
                "the product rule and the slope of the maximum, which is 0 or 1, here Θ; away "
                "from the threshold, where clipping has a kink",
                (Formula(Jacobian(q, g), value, (), (by_rule,)),),
            ),
            Step(
                "inside and outside",
                "the identity below the threshold; above it the part of a change along {g} is "
                "lost and the rest is scaled",
                (
                    Formula(value, Identity(n), given=(INSIDE,)),
                    Formula(value, beyond, given=(OUTSIDE,)),
                ),
            ),
        ),
    )
