"""The variance of a branch: a weighted sum behind a rectifier."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sympy import Integer, Rational, Symbol

from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Power, Scale
from derivations.topics._writing import call, define, dot, equal, number, scalar
from derivations.topics.residual_variance.growth import HALF_U, PAIRS, VARIANCE_U, u
from derivations.topics.residual_variance.moments import (
    from_polynomial,
    second_moment_after_relu,
    second_moment_of_sum,
)

INPUTS = tuple(scalar("a", Integer(number_)) for number_ in (1, 2))
MIRRORED_U = (define(u, Blocks(2, 1, HALF_U, build.negative(HALF_U))),)
"""A symmetric distribution of u itself."""


def branch() -> Section:
    """Var F = n Var_w E φ(u)²."""
    return Section("The variance of a branch", tuple(_branch_steps()))


def _branch_steps() -> Iterator[Step]:
    deviation = Symbol("s", positive=True)
    entries = [Symbol(f"a_{number_}", real=True) for number_ in (1, 2)]
    root = scalar("omega")
    signs = [
        build.add(*(build.scale(number(sign), a) for sign, a in zip(row, INPUTS, strict=True)))
        for row in product((1, -1), repeat=2)
    ]
    outcomes = Scale(
        number(Rational(1, 4)), build.add(*(Power(Scale(root, total), 2) for total in signs))
    )
    by_sympy = from_polynomial(
        second_moment_of_sum(entries, deviation),
        {**dict(zip(entries, INPUTS, strict=True)), deviation: root},
    )
    yield Step(
        "weighted sum",
        "the mean square of w₁a₁ + w₂a₂ over the four sign choices of weights of size {omega}, and "
        "for independent normal weights of that deviation as SymPy's expectation: mixed terms "
        "vanish, and each input counts with its own square",
        (equal(outcomes, by_sympy),),
    )
    share = second_moment_after_relu(deviation) / deviation**2
    clipped = call("relu", u)
    yield Step(
        "rectifier",
        f"a symmetric {{u}} loses half of its mean square, so its share is 1/2; SymPy's "
        f"expectation for a normal one gives {share}, too",
        (
            Formula(
                Scale(number(1 / PAIRS), dot(clipped, clipped)),
                Scale(number(share), VARIANCE_U),
                given=MIRRORED_U,
            ),
        ),
    )
