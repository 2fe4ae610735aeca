"""The symbols of the topic: scores, both conventions of the temperature, entropy and variance."""

from __future__ import annotations

from dataclasses import dataclass

from sympy.matrices.expressions import HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.expressions import build
from derivations.expressions.nodes import (
    Constant,
    LogSoftmax,
    LogSumExp,
    Power,
    Quotient,
    Scale,
    Softmax,
    Variable,
)
from derivations.topics._writing import define, dot, number, scalar, size, vector

n, k, r = size("n"), size("k"), size("r")
x = vector("x", n)
TAU, TEMPERATURE = scalar("tau"), scalar("T")
ONES = Constant(1, n, 1)
ONE = number(1)


@dataclass(frozen=True)
class Convention:
    """One way to put a temperature into softmax.

    Attributes:
        knob: τ or T.
        scores: what softmax is taken of.
        p, entropy, variance: the distribution, its entropy H, and the variance of x under it.
    """

    knob: Variable
    scores: MatrixExpr
    p: Variable
    entropy: Variable
    variance: Variable

    @property
    def mean(self) -> MatrixExpr:
        """E_p x, 1×1."""
        return dot(self.p, x)

    @property
    def centred(self) -> MatrixExpr:
        """x − (E_p x) 1."""
        return build.subtract(x, Scale(self.mean, ONES))

    @property
    def entropy_in_scores(self) -> MatrixExpr:
        """H without a logarithm of p: log Σ exp of the scores, minus their mean."""
        return build.subtract(LogSumExp(self.scores), dot(self.p, self.scores))

    def definitions(self) -> tuple[Definition, ...]:
        """p, H and V."""
        surprise = build.negative(dot(self.p, LogSoftmax(self.scores)))
        second = dot(self.p, HadamardProduct(x, x))
        return (
            define(self.p, Softmax(self.scores)),
            define(self.entropy, surprise),
            define(self.variance, build.subtract(second, Power(self.mean, 2))),
        )


INVERSE = Convention(TAU, Scale(TAU, x), vector("p", n), scalar("H"), scalar("V"))
"""softmax(τx): τ is an inverse temperature, large is sharp."""
DIRECT = Convention(
    TEMPERATURE, Quotient(x, TEMPERATURE), vector("q", n), scalar("H_q"), scalar("V_q")
)
"""softmax(x/T): large is flat."""
