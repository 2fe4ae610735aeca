"""From the addition formulas to the shift matrices, their group law, and inner products."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer
from sympy.matrices.expressions import Identity, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula, Section, Step
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    Constant,
    Entry,
    Power,
    Scale,
    TimeProduct,
    Variable,
)
from derivations.topics.positional.pairs import Pairs, a, b, column, d, k, number, s, square, t, tau

ALPHA, BETA = (Variable(name, (), 1, 1) for name in ("alpha", "beta"))
ZERO = Integer(0)


def added(before: MatrixExpr, after: MatrixExpr, sign: int = 1) -> MatrixExpr:
    """before + after, or before − after."""
    return build.add(before, after) if sign > 0 else build.subtract(before, after)


def squared(vector: MatrixExpr) -> MatMul:
    """‖v‖² as vᵀv."""
    return MatMul(Transpose(vector), vector)


class Shifts:
    """Steps about the shift matrices, for one numbering of the pairs."""

    def __init__(self, pairs: Pairs) -> None:
        self.p = pairs
        self._value = {x.target: x.pieces[0].value for x in pairs.definitions()}

    def defined(self, target: Variable) -> Formula:
        """The definition of a quantity as a formula."""
        return Formula(target, self._value[target], self.p.all if k in target.steps else ())

    def encoding(self) -> Step:
        """ω_k, P_{t,k}, P_t."""
        p = self.p
        return Step(
            "definition",
            "each pair is a point on the unit circle that turns at its own frequency; "
            "a direct sum of columns times ones puts them under each other",
            tuple(map(self.defined, (p.omega(), p.pair(t), p.encoding(t)))),
        )

    def one_pair(self) -> Iterator[Step]:
        """P_{t+τ,k} = M_k^τ P_{t,k}."""
        p = self.p
        yield Step(
            "definition",
            "the matrix depends on the offset, which stands above, and on the frequency, "
            "but not on the position",
            (self.defined(p.shift(tau)),),
        )
        expanded = column(self._sin_of_sum(t, tau), self._cos_of_sum(t, tau))
        yield Step(
            "shift of one pair",
            "the addition formulas, with the position in α and the offset in β, are linear in "
            "sin α and cos α: their coefficients form the matrix",
            (
                Formula(
                    p.pair(t + tau),
                    MatMul(p.shift(tau), p.pair(t)),
                    p.all,
                    (p.circle(t + tau), expanded, MatMul(p.rotation(tau), p.circle(t))),
                ),
            ),
        )

    def all_pairs(self) -> Iterator[Step]:
        """P_{t+τ} = M^τ P_t."""
        p = self.p
        yield Step(
            "definition",
            "no pair reads another one, so the matrix for all pairs is block-diagonal",
            (self.defined(p.shift_all(tau)),),
        )
        ones = Constant(1, d / 2, 1)
        yield Step(
            "shift of all pairs",
            "block-diagonal matrices multiply block by block",
            (
                Formula(
                    p.encoding(t + tau),
                    MatMul(p.shift_all(tau), p.encoding(t)),
                    (),
                    (
                        p.stack(p.pair(t + tau)),
                        p.stack(MatMul(p.shift(tau), p.pair(t))),
                        MatMul(p.spread(p.shift(tau)), p.spread(p.pair(t)), ones),
                    ),
                ),
            ),
        )

    def group(self) -> Iterator[Step]:
        """Group law, inverse, orthogonality, determinant: per pair and for all."""
        p = self.p
        yield Step(
            "group law",
            "the entries of the product are the addition formulas once more; "
            "shifting by b and then by a is shifting by a + b",
            (
                Formula(
                    MatMul(p.shift(a), p.shift(b)),
                    p.shift(a + b),
                    p.all,
                    (MatMul(p.rotation(a), p.rotation(b)), p.rotation(a + b)),
                ),
                Formula(
                    MatMul(p.shift_all(a), p.shift_all(b)),
                    p.shift_all(a + b),
                    (),
                    (p.spread(MatMul(p.shift(a), p.shift(b))), p.spread(p.shift(a + b))),
                ),
            ),
        )
        yield Step(
            "neutral element",
            "cos 0 = 1 and sin 0 = 0: no shift changes nothing",
            (
                Formula(p.shift(ZERO), Identity(2), p.all),
                Formula(p.shift_all(ZERO), Identity(d)),
            ),
        )
        turned = square(p.cos(tau), build.negative(p.sin(tau)), p.sin(tau), p.cos(tau))
        yield Step(
            "transpose and inverse",
            "cos is even and sin is odd, so the transpose is the shift back",
            (
                Formula(Transpose(p.shift(tau)), p.shift(-tau), p.all, (turned,)),
                Formula(
                    Transpose(p.shift_all(tau)),
                    p.shift_all(-tau),
                    (),
                    (p.spread(Transpose(p.shift(tau))),),
                ),
            ),
        )
        yield Step(
            "orthogonality",
            "the shift back after the shift is no shift, by the group law",
            tuple(
                Formula(
                    MatMul(Transpose(shift(tau)), shift(tau)),
                    Identity(size),
                    domain,
                    (MatMul(shift(-tau), shift(tau)), shift(ZERO)),
                )
                for shift, size, domain in ((p.shift, 2, p.all), (p.shift_all, d, ()))
            ),
        )
        determinant = self._determinant(p.shift(tau))
        pythagoras = build.add(Power(p.cos(tau), 2), Power(p.sin(tau), 2))
        yield Step(
            "determinant",
            "the determinant of a block-diagonal matrix is the product over its blocks: "
            "shifts are rotations, without any reflection",
            (
                Formula(determinant, number(1), p.all, (pythagoras,)),
                Formula(TimeProduct(determinant, k, p.first, p.last), number(1)),
            ),
        )

    def lengths(self) -> Iterator[Step]:
        """Norms, inner products and distances."""
        p = self.p
        both = build.add(Power(p.sin(t), 2), Power(p.cos(t), 2))
        yield Step(
            "length",
            "every pair has length 1, so the encodings of all positions are equally long",
            (
                Formula(squared(p.pair(t)), number(1), p.all, (both,)),
                Formula(squared(p.encoding(t)), number(d / 2), (), (p.total(squared(p.pair(t))),)),
            ),
        )
        product = MatMul(Transpose(p.pair(t)), p.pair(t + tau))
        through = MatMul(Transpose(p.pair(t)), p.shift(tau), p.pair(t))
        yield Step(
            "inner product",
            "the off-diagonal entries of the shift cancel in a quadratic form: "
            "what is left depends on the offset alone",
            (
                Formula(
                    MatMul(Transpose(p.encoding(t)), p.encoding(t + tau)),
                    p.total(p.cos(tau)),
                    (),
                    (p.total(product), p.total(through)),
                ),
            ),
        )
        distance = squared(build.subtract(p.encoding(t), p.encoding(s)))
        gap = build.subtract(number(1), p.cos(t - s))
        inner = p.total(p.cos(t - s))
        yield Step(
            "distance",
            "the square is written out: two lengths minus twice the inner product; and "
            "1 − cos φ is 2 sin²(φ/2)",
            (
                Formula(
                    distance,
                    Scale(number(2), p.total(gap)),
                    (),
                    (MatAdd(number(d), Scale(number(-2), inner)),),
                ),
                Formula(distance, Scale(number(4), p.total(Power(p.sin((t - s) / 2), 2)))),
            ),
        )

    def _sin_of_sum(self, x: Expr, y: Expr) -> MatrixExpr:
        p = self.p
        return added(Scale(p.sin(x), p.cos(y)), Scale(p.cos(x), p.sin(y)))

    def _cos_of_sum(self, x: Expr, y: Expr) -> MatrixExpr:
        p = self.p
        return added(Scale(p.cos(x), p.cos(y)), Scale(p.sin(x), p.sin(y)), -1)

    @staticmethod
    def _determinant(matrix: MatrixExpr) -> MatrixExpr:
        main = Scale(Entry(matrix, 1, 1), Entry(matrix, 2, 2))
        return added(main, Scale(Entry(matrix, 1, 2), Entry(matrix, 2, 1)), -1)


def addition_formulas() -> Step:
    """sin(α + β) and cos(α + β)."""
    sines = [Apply("sin", (0,), angle) for angle in (ALPHA, BETA)]
    cosines = [Apply("cos", (0,), angle) for angle in (ALPHA, BETA)]
    both = build.add(ALPHA, BETA)
    mixed = [Scale(sines[0], cosines[1]), Scale(cosines[0], sines[1])]
    equal = [Scale(cosines[0], cosines[1]), Scale(sines[0], sines[1])]
    return Step(
        "addition formulas",
        "they hold for all angles",
        (
            Formula(Apply("sin", (0,), both), added(mixed[0], mixed[1])),
            Formula(Apply("cos", (0,), both), added(equal[0], equal[1], -1)),
        ),
    )


def one_numbering(pairs: Pairs) -> Iterator[Section]:
    """The sections that hold for either numbering."""
    shifts = Shifts(pairs)
    yield Section("The encoding", (shifts.encoding(),))
    yield Section("Shift of one pair", (addition_formulas(), *shifts.one_pair()))
    yield Section("Shift of all pairs", tuple(shifts.all_pairs()))
    yield Section("The shifts are a group of rotations", tuple(shifts.group()))
    yield Section("Lengths and inner products", tuple(shifts.lengths()))
