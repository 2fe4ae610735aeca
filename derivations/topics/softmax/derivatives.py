"""Jacobian, cross-entropy, and the derivatives in the temperature."""

from __future__ import annotations

from collections.abc import Iterator

from sympy.matrices.expressions import HadamardProduct, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Diag,
    Jacobian,
    LogSoftmax,
    Power,
    Quotient,
    Scale,
    Softmax,
)
from derivations.topics._calculus import jacobian
from derivations.topics._writing import define, dot, equal, meaning, number, scalar, vector
from derivations.topics.softmax.symbols import DIRECT, INVERSE, ONES, Convention, n, x

z, y, v, w = (vector(name, n) for name in ("z", "y", "v", "w"))
s, ELL = vector("s", n), scalar("ell")
SCORES = define(s, Softmax(z))
CROSS_ENTROPY = define(ELL, build.negative(dot(y, LogSoftmax(z))))
TOTAL = build.total(y)
DEFINITIONS: tuple[Definition, ...] = (
    SCORES, CROSS_ENTROPY, *INVERSE.definitions(), *DIRECT.definitions()
)  # fmt: skip


def in_the_scores() -> Section:
    """∂s/∂z = diag(s) − s sᵀ, and what follows."""
    by_rule = jacobian(Softmax(z), z)
    matrix = build.subtract(Diag(s), MatMul(s, Transpose(s)))
    form = MatMul(Transpose(v), matrix, v)
    second = dot(s, HadamardProduct(v, v))
    columns = MatMul(Transpose(ONES), s, Transpose(s))
    return Section(
        "The Jacobian",
        (
            Step("definition", "scores become a distribution", (meaning(SCORES),)),
            Step(
                "Jacobian",
                "the rule of softmax, with the value named {s}: a score raises its own share and "
                "lowers every share in proportion to it",
                (Formula(Jacobian(s, z), matrix, (), (by_rule,)),),
            ),
            Step(
                "what the Jacobian does not see",
                "shares add up to one, so their changes add up to zero; and the same number added "
                "to all scores changes nothing: both terms have the same row and column sums",
                (
                    equal(build.total(s), number(1)),
                    equal(build.matmul(Transpose(ONES), Diag(s)), Transpose(s), columns),
                    equal(MatMul(Diag(s), ONES), s, MatMul(s, Transpose(s), ONES)),
                ),
            ),
            Step(
                "quadratic form",
                "it is the variance of {v} under {s}, so the Jacobian is positive semidefinite",
                (equal(form, build.subtract(second, Power(dot(s, v), 2))),),
            ),
        ),
    )


def cross_entropy() -> Section:
    """∂ℓ/∂z = (s − y)ᵀ."""
    by_rule = jacobian(build.negative(dot(y, LogSoftmax(z))), z)
    general = build.subtract(Scale(TOTAL, Transpose(s)), Transpose(y))
    normed = (define(y, Quotient(w, build.total(w))),)
    return Section(
        "With cross-entropy",
        (
            Step("definition", "the loss of a target {y}", (meaning(CROSS_ENTROPY),)),
            Step(
                "gradient for any target",
                "the rule of log softmax; the total of {y} stays in front",
                (Formula(Jacobian(ELL, z), general, (), (by_rule,)),),
            ),
            Step(
                "gradient for a distribution",
                "targets that add up to one, such as a one-hot {y} or smoothed labels, leave the "
                "difference of the distributions; others do not",
                (Formula(Jacobian(ELL, z), Transpose(build.subtract(s, y)), given=normed),),
            ),
        ),
    )


def in_the_temperature() -> Iterator[Section]:
    """dp/dτ, dH/dτ, and the same for T."""
    yield Section("Derivatives in the inverse temperature", tuple(_steps(INVERSE)))
    yield Section("Derivatives in the temperature", tuple(_steps(DIRECT)))


def _steps(c: Convention) -> Iterator[Step]:
    chain = number(1) if c is INVERSE else build.negative(Quotient(number(1), Power(c.knob, 2)))
    moved = HadamardProduct(c.p, c.centred)
    change = moved if c is INVERSE else Scale(chain, moved)
    named = jacobian(Softmax(c.scores), c.knob).xreplace({Softmax(c.scores): c.p})
    _, entropy, variance = c.definitions()
    yield Step(
        "derivative of the shares",
        "the chain rule through the scores: a share grows at the rate by which its score lies "
        + ("above the mean" if c is INVERSE else "below the mean, over the square of {T}"),
        (Formula(Jacobian(c.p, c.knob), change, (), (named,)),),
    )
    yield Step(
        "entropy",
        "log softmax is linear in the scores up to its normalizer",
        (meaning(entropy), equal(c.entropy, c.entropy_in_scores)),
    )
    yield Step(
        "variance",
        "of the scores {x} under the distribution, never negative",
        (
            meaning(variance),
            equal(c.variance, dot(c.p, Power(c.centred, 2))),
            equal(c.variance, MatMul(Transpose(x), _jacobian_at(c), x)),
        ),
    )
    slope = Quotient(c.variance, Power(c.knob, 3))
    if c is INVERSE:
        slope = build.negative(Scale(c.knob, c.variance))
    through = jacobian(c.entropy_in_scores, c.knob, {c.p: change})
    named = through.xreplace({Softmax(c.scores): c.p})
    yield Step(
        "derivative of the entropy",
        "the terms with the mean cancel and the variance is left: "
        + (
            "a larger {tau} > 0 always makes the distribution sharper"
            if c is INVERSE
            else "a higher temperature always makes the distribution flatter, never sharper"
        ),
        (Formula(Jacobian(c.entropy, c.knob), slope, (), (named,)),),
    )


def _jacobian_at(c: Convention) -> MatrixExpr:
    return build.subtract(Diag(c.p), MatMul(c.p, Transpose(c.p)))
