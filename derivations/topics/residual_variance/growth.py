"""Adding a branch of random weights adds its variance."""

from __future__ import annotations

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Scale
from derivations.topics._writing import define, dot, equal, meaning, number, scalar, size, vector

m = size("m")
PAIRS = 2 * m
u, F = vector("u", PAIRS), vector("F", PAIRS)
VARIANCE_U, VARIANCE_F, COVARIANCE, AFTER = (
    scalar(name) for name in ("v_u", "v_F", "c_uF", "v_out")
)
HALF_U, HALF_F = vector("r", m), vector("f", m)


def mean(x: MatrixExpr) -> MatrixExpr:
    """Over equally likely outcomes, one an entry."""
    return Scale(number(1 / x.shape[0]), build.total(x))


def covariance(x: MatrixExpr, y: MatrixExpr) -> MatrixExpr:
    """E xy − E x E y over equally likely outcomes."""
    return build.subtract(Scale(number(1 / x.shape[0]), dot(x, y)), build.scale(mean(x), mean(y)))


DEFINITIONS = (
    define(VARIANCE_U, covariance(u, u)),
    define(VARIANCE_F, covariance(F, F)),
    define(COVARIANCE, covariance(u, F)),
    define(AFTER, covariance(build.add(u, F), build.add(u, F))),
)
MIRRORED_F = (
    define(u, Blocks(2, 1, HALF_U, HALF_U)),
    define(F, Blocks(2, 1, HALF_F, build.negative(HALF_F))),
)
"""Weights and their negatives are equally likely: every u comes with F and with −F."""


def growth() -> Section:
    """Var(u + F) = Var u + Var F."""
    flat = Scale(number(1 / PAIRS), dot(F, F))
    return Section(
        "The variance only grows",
        (
            Step(
                "definition",
                "the entries of {u} and {F} are the {m} pairs of equally likely outcomes of one "
                "unit and of what its layer adds",
                tuple(map(meaning, DEFINITIONS)),
            ),
            Step(
                "variance of a sum",
                "for any two quantities, by writing out the square",
                (
                    equal(
                        AFTER,
                        build.add(VARIANCE_U, Scale(number(2), COVARIANCE), VARIANCE_F),
                    ),
                ),
            ),
            Step(
                "no covariance",
                "weights of mean zero, symmetric and independent of {u}, give every {u} the "
                "branch F and −F alike, so the covariance vanishes and the variances add up",
                (
                    Formula(
                        AFTER, build.add(VARIANCE_U, VARIANCE_F), given=MIRRORED_F
                    ),
                    Formula(VARIANCE_F, flat, given=MIRRORED_F),
                ),
            ),
            Step(
                "unit variance at every depth",
                "would need a branch without variance, and by the last line that is one that is "
                "zero in every outcome: no residual stack at random weights keeps the variance, "
                "and the belief that some scale of the weights does is wrong",
                (
                    Formula(
                        AFTER, VARIANCE_U, (), (), ">=", given=MIRRORED_F,
                        equality=(define(HALF_F, build.zeros((m, 1))),),
                    ),
                ),
            ),
        ),
    )  # fmt: skip
