"""Clipping by value: the projection onto a cube, which may turn a gradient."""

from __future__ import annotations

from sympy import oo, sqrt
from sympy.matrices.expressions import ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Blocks,
    Constant,
    Diag,
    Jacobian,
    Quotient,
    Scale,
)
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
    slope,
    tends,
    vector,
)
from derivations.topics.clipping.by_norm import KAPPA, SHARE, e, g, n, projection, v

r = size("r")
c, c_e, REST, LARGE = vector("c", n), vector("c_e", n), vector("y", r), scalar("m")
f, fhat = vector("f", r + 1), vector("fhat", r + 1)


def value_clip(x: MatrixExpr) -> MatrixExpr:
    """max(−κ, min(κ, x)), entry by entry."""
    return call("max", build.negative(KAPPA), call("min", KAPPA, x))


CLIPPED, OTHER = define(c, value_clip(g)), define(c_e, value_clip(e))
LONGER = define(fhat, value_clip(f))
FLAT = define(g, Constant(2, n, 1)), define(KAPPA, number(1))
INSIDE = (
    define(g, Scale(KAPPA, call("tanh", v))),
    define(e, build.negative(Scale(KAPPA, call("tanh", v)))),
)


COSINE = Quotient(dot(f, fhat), Scale(length(f), length(fhat)))


def by_value() -> Section:
    """Definition, bounds, laws."""
    scaled = Scale(KAPPA, call("hard_tanh", Quotient(g, KAPPA)))
    return Section(
        "By value",
        (
            Step(
                "definition",
                "every entry by itself; a scaled hard tanh, and zero at zero",
                (
                    meaning(CLIPPED),
                    equal(c, scaled),
                    Formula(c, build.zeros((n, 1)), given=(define(g, build.zeros((n, 1))),)),
                ),
            ),
            Step(
                "size",
                "no entry is above the threshold, so the norm is √n times that at most: more than "
                "clipping by norm would leave",
                (
                    Formula(
                        call("abs", c), Scale(KAPPA, Constant(1, n, 1)), (), (), "<=",
                        equality=FLAT,
                    ),
                    Formula(
                        length(c), Scale(number(sqrt(n)), KAPPA), (), (), "<=", equality=FLAT
                    ),
                ),
            ),
            *projection(OTHER, c, value_clip(c), INSIDE),
            Step(
                "Jacobian",
                "diagonal: 1 for an entry that is kept, 0 for one that is cut",
                (
                    Formula(
                        Jacobian(c, g), Diag(slope("hard_tanh", Quotient(g, KAPPA))), (),
                        (jacobian(scaled, g),),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def direction() -> Section:
    """The cosine is above 1/√n, and nothing better holds."""
    one_cut: Definition = define(f, Blocks(2, 1, build.add(KAPPA, call("exp", SHARE)), REST))
    spike = define(f, Blocks(2, 1, LARGE, Scale(KAPPA, Constant(1, r, 1))))
    return Section(
        "By value the direction changes",
        (
            Step(
                "definition",
                "a gradient with r + 1 > 1 entries",
                (meaning(LONGER),),
            ),
            Step(
                "inner product",
                "if an entry is cut, here the first, the inner product is at least {kappa} times "
                "the norm: κ² times the sum of squares is no more than its square",
                (
                    Formula(
                        dot(f, fhat), Scale(KAPPA, length(f)), (), (), ">=",
                        given=(one_cut,),
                        equality=(define(REST, ZeroMatrix(r, 1)),),
                    ),
                ),
            ),
            Step(
                "cosine",
                "over the norm √n {kappa}, with n = r + 1 entries: the clipped gradient never "
                "turns as far as a right angle",
                (Formula(COSINE, number(1 / sqrt(r + 1)), (), (), ">"),),
            ),
            Step(
                "worst case",
                "one entry {m} far above the threshold and all others at it: clipping makes all "
                "equal, and the cosine falls to 1/√n; that clipping by value keeps the direction "
                "is wrong",
                (
                    Formula(
                        COSINE, number(1 / sqrt(r + 1)), (), (), "->",
                        given=(spike,), approach=tends(LARGE, LARGE, LARGE, oo).approach,
                    ),
                ),
            ),
        ),
    )  # fmt: skip
