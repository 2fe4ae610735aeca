"""The variance through the depth, for weights that know it and weights that do not."""

from __future__ import annotations

from sympy import Integer, Rational, oo

from derivations.cell import Definition, Piece, Range
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import Power, Scale, Variable
from derivations.topics._writing import call, define, index, meaning, number, scalar, size, tends

n, L = size("n"), size("L")
layer = index("l")
ONE = number(1)
EULER = call("exp", ONE)
SPREAD, START = scalar("s"), scalar("v_0")


def variance_at(step: object) -> Variable:
    """Of one unit after that many layers."""
    return scalar("v", step)


GROWTH = build.add(ONE, Scale(number(n / 2), SPREAD))
PER_LAYER = Definition(variance_at(layer), (Piece(Scale(Power(GROWTH, layer), START)),))


def depth() -> Section:
    """v_l, for He's weights and for weights that know the depth."""
    half = Scale(number(Rational(1, 2)), variance_at(layer))
    added = Scale(Scale(number(n), SPREAD), half)
    he, scaled = define(SPREAD, number(2 / n)), define(SPREAD, number(2 / (n * L)))
    within = (Range(layer, Integer(0), L),)
    power = Power(number(1 + 1 / L), L)
    return Section(
        "Through the depth",
        (
            Step(
                "per layer",
                "{n} inputs with weights of variance {s}, each with half of its mean square behind "
                "the rectifier, add n s/2 times the variance",
                (
                    meaning(PER_LAYER),
                    Formula(variance_at(layer + 1), build.add(variance_at(layer), added), within),
                ),
            ),
            Step(
                "weights of variance 2/n",
                "the initialization of He et al. keeps the variance in a plain network; on top of "
                "a skip connection it doubles it in every layer",
                (
                    Formula(added, variance_at(layer), given=(he,)),
                    Formula(variance_at(L), Scale(number(2**L), START), given=(he,)),
                ),
            ),
            Step(
                "weights of variance 2/(nL)",
                "divided by the depth as well, the variance stays within a factor e at any depth",
                (
                    Formula(variance_at(L), Scale(power, START), given=(scaled,)),
                    Formula(power, EULER, (), (), "<"),
                    tends(power, EULER, L, oo),
                ),
            ),
        ),
    )  # fmt: skip
