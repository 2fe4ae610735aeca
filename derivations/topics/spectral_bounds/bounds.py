"""The theorems: bounds from above and from below, with γ from the table of functions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from sympy import Rational, Symbol, oo
from sympy.matrices.expressions import Identity, MatMul

from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Constant,
    Diag,
    Power,
    Scale,
    SmallestSingular,
    SpectralNorm,
    TimeProduct,
)
from derivations.expressions.traverse import nodes_in
from derivations.functions import lookup
from derivations.functions.activations import ACTIVATIONS
from derivations.topics._writing import (
    call,
    define,
    length,
    matrix,
    number,
    scalar,
    slope,
    tends,
    vector,
)
from derivations.topics.spectral_bounds.symbols import (
    EARLIER,
    T,
    W,
    all_equal,
    j,
    k,
    multiple_of_identity,
    n,
    state_jacobian,
    steepest,
    z,
)

A, B = matrix("A", n), matrix("B", n)
V = vector("v", n)
COUNT = Symbol("N", integer=True, positive=True)
PHI = "phi"


def rules() -> Section:
    """What the theorems are made of."""
    left = define(A, Identity(n))
    return Section(
        "Rules",
        (
            Step(
                "submultiplicativity",
                "a product stretches no vector by more than its factors do one after the other",
                (
                    Formula(
                        SpectralNorm(MatMul(A, B)),
                        Scale(SpectralNorm(A), SpectralNorm(B)),
                        relation="<=",
                        equality=(left,),
                    ),
                ),
            ),
            Step(
                "smallest singular value of a product",
                "and by no less than each of them must: it is submultiplicativity of the inverses",
                (
                    Formula(
                        SmallestSingular(MatMul(A, B)),
                        Scale(SmallestSingular(A), SmallestSingular(B)),
                        relation=">=",
                        equality=(left,),
                    ),
                ),
            ),
            Step(
                "length of an image",
                "what the two numbers mean for one vector",
                (
                    Formula(
                        length(MatMul(A, V)),
                        Scale(SpectralNorm(A), length(V)),
                        relation="<=",
                        equality=(left,),
                    ),
                    Formula(
                        length(MatMul(A, V)),
                        Scale(SmallestSingular(A), length(V)),
                        relation=">=",
                        equality=(left,),
                    ),
                ),
            ),
        ),
    )


def theorems() -> Section:
    """‖∏ diag(φ′) W‖ between products of singular values, for any φ."""
    product = state_jacobian(PHI)
    diagonal = Diag(slope(PHI, z(j)))
    steps = T - k
    level = scalar("c", j)
    tight = (multiple_of_identity(), define(z(j), Scale(level, Constant(1, n, 1))))

    def over_time(measure: type) -> Scale:
        return Scale(TimeProduct(measure(diagonal), j, k + 1, T), Power(measure(W), steps))

    return Section(
        "Bounds for any activation function",
        (
            Step(
                "upper bound",
                "submultiplicativity, once for every factor of the Jacobian of the state at {T} by "
                "the state at {k}, for h = φ(z) and z = W h + U x + b; equality where the entries "
                "of z are equal and {W} is a multiple of the identity",
                (
                    Formula(
                        SpectralNorm(product), over_time(SpectralNorm), EARLIER, (), "<=",
                        equality=tight,
                    ),
                ),
            ),
            Step(
                "lower bound",
                "the same with smallest singular values: a gradient can only vanish where a slope "
                "or {W} lets it",
                (
                    Formula(
                        SmallestSingular(product), over_time(SmallestSingular), EARLIER, (), ">=",
                        equality=tight,
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def exact_gamma(function: str) -> Rational | None:
    """γ as a simple fraction; ``None`` where it is none."""
    row = lookup(function)
    assert row is not None
    simple = Fraction(row.slope_bound()).limit_denominator(1000)
    exact = float(simple) == row.slope_bound()
    return Rational(simple.numerator, simple.denominator) if exact else None


def tabled() -> Iterator[tuple[str, Rational, int]]:
    """Activation functions with γ a fraction that is attained at a simple place."""
    for row in ACTIVATIONS:
        gamma, place = exact_gamma(row.name), steepest(row.name)
        if gamma is not None and place is not None:
            yield row.name, gamma, place


def with_gamma() -> Section:
    """(γ‖W‖)^{T−k} for the functions of the table."""
    return Section("With the largest slope of each function", tuple(_per_function()))


def _per_function() -> Iterator[Step]:
    for name, gamma, place in tabled():
        product = state_jacobian(name)
        (diagonal,) = nodes_in(product, Diag)
        bound = Power(build.scale(number(gamma), SpectralNorm(W)), T - k)
        yield Step(
            f"upper bound for {name}",
            f"the slope is {gamma} at most, at z = {place} for one; so a gradient vanishes for "
            f"certain where the norm of {{W}} stays below {1 / gamma}, and can explode only above",
            (
                Formula(
                    SpectralNorm(diagonal), number(gamma), (), (), "<=",
                    equality=(all_equal(j, place),),
                ),
                Formula(
                    SpectralNorm(product), bound, EARLIER, (), "<=",
                    equality=(multiple_of_identity(), all_equal(j, place)),
                ),
            ),
        )  # fmt: skip
    below = call("sigmoid", scalar("u"))
    yield Step(
        "vanishing",
        "whatever number below one bounds every factor, here σ(u), its powers tend to zero",
        (tends(Power(below, COUNT), build.zeros((1, 1)), COUNT, oo),),
    )
