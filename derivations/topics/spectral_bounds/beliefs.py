"""The sigmoid network of one unit, exactly, and beliefs about size that do not hold."""

from __future__ import annotations

from sympy import Integer, Rational, log, oo, pi
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.derivation import Approach, Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    Constant,
    Diag,
    Entry,
    Power,
    Quotient,
    Scale,
    SpectralNorm,
    TimeProduct,
)
from derivations.topics._writing import (
    call,
    define,
    equal,
    index,
    number,
    scalar,
    slope,
    tends,
    vector,
)
from derivations.topics.spectral_bounds.symbols import T, W, multiple_of_identity, n

t = index("t")
w, u = scalar("w"), scalar("u")
ONE = number(1)
QUARTER = Rational(1, 4)
LATER = Approach(T, oo)
UNTIL_NOW = (Range(t, Integer(1), T),)


def a(step: object) -> MatrixExpr:
    """The pre-activation of one unit, 1×1."""
    return scalar("a", step)


def product(body: MatrixExpr) -> TimeProduct:
    """∏ over t = 1 … T."""
    return TimeProduct(body, t, 1, T)


def sech_half(step: object) -> Apply:
    """sech(a_t/2)."""
    return call("sech", Scale(number(Rational(1, 2)), a(step)))


def one_sigmoid() -> Section:
    """|∏ W σ′| = (|W|/4)^T ∏ sech²(a_t/2)."""
    factor = Scale(w, slope("sigmoid", a(t)))
    size_ = build.scale(number(QUARTER), call("abs", w))
    within = define(w, Scale(number(4), call("sin", u)))
    saturated = define(a(t), ONE)
    return Section(
        "One sigmoid unit, exactly",
        (
            Step(
                "slope of the sigmoid",
                "a hyperbolic secant of half the argument: a quarter at zero, less elsewhere",
                (
                    equal(
                        slope("sigmoid", a(t)),
                        build.scale(number(QUARTER), Power(sech_half(t), 2)),
                    ),
                ),
            ),
            Step(
                "exact size of the product",
                "the derivative of the state after {T} steps by the first one, with nothing "
                "estimated",
                (
                    equal(
                        call("abs", product(factor)),
                        Scale(Power(size_, T), product(Power(sech_half(t), 2))),
                    ),
                ),
            ),
            Step(
                "no explosion",
                "every secant is 1 at most, so a weight within ±4, here 4 sin(u), keeps the "
                "product within 1",
                (
                    Formula(
                        call("abs", product(factor)), Power(size_, T), (), (), "<=",
                        equality=(define(a(t), number(0)),),
                    ),
                    Formula(
                        Power(size_, T), ONE, (), (), "<=",
                        given=(within,), equality=(define(u, number(pi / 2)),),
                    ),
                ),
            ),
            Step(
                "no guarantee against vanishing",
                "that a weight of 4 stops vanishing is wrong: with every pre-activation at 1 the "
                "product tends to zero even there, the largest weight that cannot explode",
                (
                    Formula(
                        product(factor), number(0), (),
                        (Power(Power(call("sech", number(Rational(1, 2))), 2), T),), "->",
                        given=(define(w, number(4)), saturated),
                        approach=LATER,
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def entries() -> Section:
    """For matrices the norm counts, not the entries."""
    full = define(W, Constant(3, n, n))
    flat = define(vector("z", n, t), Constant(0, n, 1))
    at = (Range(n, Integer(2), Integer(2)), Range(T, Integer(10), Integer(10)))
    factor = build.matmul(Diag(slope("sigmoid", vector("z", n, t))), W)
    filled = Constant(1, n, n)
    return Section(
        "Entries and norm",
        (
            Step(
                "an entry is within the norm",
                "a column is the image of a unit vector",
                (
                    Formula(
                        call("abs", Entry(W, 1, 1)), SpectralNorm(W), (), (), "<=",
                        equality=(multiple_of_identity(),),
                    ),
                ),
            ),
            Step(
                "small entries, large norm",
                "equal entries add up: the norm is {n} times as large as each of them",
                (equal(SpectralNorm(Scale(w, filled)), Scale(number(n), call("abs", w))),),
            ),
            Step(
                "entries below 4 do not stop an explosion",
                "all entries are 3, and still the sigmoid network of 2 units grows gradients: its "
                "norm, not its entries, would have to stay below 4",
                (
                    Formula(
                        SpectralNorm(product(factor)), number(50), at,
                        (Power(number(Rational(3, 4) * n), T),), ">",
                        given=(full, flat),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def factors() -> Section:
    """A factor below one at each step need not vanish; a uniform bound does."""
    factor = Scale(w, slope("tanh", a(t)))
    given = (define(w, ONE), define(a(t), number(log((t + 2) / t) / 2)))
    one_less = build.subtract(ONE, number(1 / (t + 1) ** 2))
    closed = Quotient(number(T + 2), number(2 * (T + 1)))
    return Section(
        "Factors below one",
        (
            Step(
                "a factor below one at every step need not vanish",
                "a tanh unit whose pre-activation falls like 1/t: every factor is below 1, they "
                "cancel like a telescope, and half of the gradient is left for ever",
                (
                    Formula(factor, one_less, UNTIL_NOW, (), "=", given=given),
                    Formula(factor, ONE, UNTIL_NOW, (), "<", given=given),
                    Formula(
                        product(factor), number(Rational(1, 2)), (),
                        (product(one_less), closed), "->",
                        given=given, approach=LATER,
                    ),
                ),
            ),
            Step(
                "a bound below one for all steps does",
                "what counts is one number below 1 for all steps, here σ(u)",
                (
                    tends(
                        product(call("sigmoid", u)), number(0), T, oo,
                        Power(call("sigmoid", u), T),
                    ),
                ),
            ),
            Step(
                "a norm above the bound need not explode",
                "the upper bound is necessary for an explosion, not sufficient: a tanh unit of "
                "weight 8 that is saturated at 3 loses its gradient",
                (
                    Formula(
                        product(factor), number(0), (),
                        (Power(Scale(number(8), slope("tanh", number(3))), T),), "->",
                        given=(define(w, number(8)), define(a(t), number(3))),
                        approach=LATER,
                    ),
                ),
            ),
        ),
    )  # fmt: skip
