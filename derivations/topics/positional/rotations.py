"""The generator of the shifts, and rotary embeddings."""

from __future__ import annotations

from collections.abc import Iterator

from sympy.matrices.expressions import Identity, MatAdd, MatMul, Transpose

from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Jacobian,
    MatrixExponential,
    Power,
    Quotient,
    Scale,
    Variable,
)
from derivations.topics.positional.pairs import Pairs, column, d, number, s, t, tau
from derivations.topics.positional.shifts import Shifts

QUERY, KEY = Variable("q", (), d, 1), Variable("x", (), d, 1)
TIME = Variable("t", (), 1, 1)


def generator(p: Pairs) -> Section:
    """dP/dt = ΩP and M^τ = exp(τΩ)."""
    shifts = Shifts(p)
    turn, rate = p.generator(), p.omega()
    slope = column(Scale(rate, p.cos(t)), build.negative(Scale(rate, p.sin(t))))
    by = number(tau)
    waves = MatAdd(Scale(p.cos(tau), Identity(2)), Scale(Quotient(p.sin(tau), rate), turn))
    return Section(
        "The generator",
        (
            Step(
                "definition",
                "the generator holds the speed of each pair, a quarter turn ahead",
                (shifts.defined(turn), shifts.defined(p.generator_all())),
            ),
            Step(
                "velocity",
                "sin' = cos and cos' = −sin, times the frequency by the chain rule",
                (
                    Formula(Jacobian(p.pair(t), TIME), MatMul(turn, p.pair(t)), p.all, (slope,)),
                    Formula(
                        Jacobian(p.encoding(t), TIME),
                        MatMul(p.generator_all(), p.encoding(t)),
                        (),
                        (p.stack(MatMul(turn, p.pair(t))),),
                    ),
                ),
            ),
            Step(
                "square of the generator",
                "two quarter turns are a half turn",
                (
                    Formula(
                        MatMul(turn, turn),
                        Scale(number(-1), Scale(Power(rate, 2), Identity(2))),
                        p.all,
                    ),
                ),
            ),
            Step(
                "matrix exponential",
                "with that square the even terms of the exponential series add up to the cosine "
                "and the odd ones to the sine",
                (
                    Formula(
                        p.shift(tau),
                        MatrixExponential(Scale(by, turn)),
                        p.all,
                        (waves,),
                    ),
                    Formula(
                        p.shift_all(tau),
                        MatrixExponential(Scale(by, p.generator_all())),
                        (),
                        (p.spread(MatrixExponential(Scale(by, turn))),),
                    ),
                ),
            ),
        ),
    )


def rotary(p: Pairs) -> Section:
    """R_sᵀ R_t = R_{t−s}."""
    return Section("Rotary embeddings", tuple(_rotary_steps(p)))


def _rotary_steps(p: Pairs) -> Iterator[Step]:
    shifts = Shifts(p)
    yield Step(
        "definition",
        "queries and keys are turned by their position instead of having an encoding added",
        (shifts.defined(p.rotary(t)), shifts.defined(p.rotary_all(t))),
    )
    yield Step(
        "transposed shift",
        "the rotation has the opposite sense of the shift by the same angle",
        (
            Formula(p.rotary(t), Transpose(p.shift(t)), p.all),
            Formula(p.rotary_all(t), Transpose(p.shift_all(t))),
        ),
    )
    yield Step(
        "relative position",
        "by the group law of the shifts only the difference of the positions is left",
        tuple(
            Formula(
                MatMul(Transpose(turn(s)), turn(t)),
                turn(t - s),
                domain,
                (MatMul(shift(s), shift(-t)), shift(s - t)),
            )
            for turn, shift, domain in (
                (p.rotary, p.shift, p.all),
                (p.rotary_all, p.shift_all, ()),
            )
        ),
    )
    turned = MatMul(p.rotary_all(s), QUERY), MatMul(p.rotary_all(t), KEY)
    yield Step(
        "score",
        "the score of a query at s and a key at t depends on t − s and not on s or t",
        (
            Formula(
                MatMul(Transpose(turned[0]), turned[1], evaluate=False),
                MatMul(Transpose(QUERY), p.rotary_all(t - s), KEY),
                (),
                (MatMul(Transpose(QUERY), Transpose(p.rotary_all(s)), p.rotary_all(t), KEY),),
            ),
        ),
    )
