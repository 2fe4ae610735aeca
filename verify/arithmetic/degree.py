"""Degrees instead of values: what the Schwartz–Zippel lemma needs, from the same evaluator.

A value is a rational function of what is drawn, N / ∏ qᵢ^kᵢ over denominators that are shared:
adding two values over the same softmax does not double its denominator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from verify.arithmetic.base import Number, Steps
from verify.arithmetic.exact import ExactArithmetic
from verify.arithmetic.field_functions import OracleSpace


class Factor:
    """A denominator, of degree at most ``degree``; each is a factor of its own."""

    __slots__ = ("degree",)

    def __init__(self, degree: int) -> None:
        self.degree = degree


class Degree:
    """An upper bound for the degree of every entry: ``top`` over the shared factors ``below``."""

    __slots__ = ("_over", "below", "top")

    def __init__(self, top: int, below: dict[Factor, int] | None = None) -> None:
        self.top, self.below = top, below or {}
        self._over: Degree | None = None

    @property
    def bottom(self) -> int:
        """Degree of the denominator."""
        return sum(power * factor.degree for factor, power in self.below.items())

    def __add__(self, other: Any) -> Degree:
        other = lift(other)
        if not (self.below or other.below):
            return Degree(max(self.top, other.top))
        common = dict(self.below)
        for factor, power in other.below.items():
            common[factor] = max(common.get(factor, 0), power)
        whole = sum(power * factor.degree for factor, power in common.items())
        top = max(value.top + whole - value.bottom for value in (self, other))
        return Degree(top, common)

    def __mul__(self, other: Any) -> Degree:
        other = lift(other)
        below = dict(self.below)
        for factor, power in other.below.items():
            below[factor] = below.get(factor, 0) + power
        return Degree(self.top + other.top, below)

    def __truediv__(self, other: Any) -> Degree:
        return self * lift(other).inverse()

    def __rtruediv__(self, other: Any) -> Degree:
        return self.inverse() * other

    def __pow__(self, exponent: int) -> Degree:
        if exponent < 0:
            return self.inverse() ** -exponent
        return Degree(self.top * exponent, {f: k * exponent for f, k in self.below.items()})

    def __neg__(self) -> Degree:
        return self

    __radd__ = __sub__ = __rsub__ = __add__
    __rmul__ = __mul__

    def inverse(self) -> Degree:
        """1/x; the same denominator whenever the same ``x`` is asked."""
        if self._over is None:
            below = {Factor(self.top): 1} if self.top else {}
            self._over = Degree(self.bottom, below)
        return self._over


def lift(value: Any) -> Degree:
    """Numbers have degree 0."""
    return value if isinstance(value, Degree) else CONSTANT


CONSTANT, DRAWN = Degree(0), Degree(1)


class DegreeKit:
    """The kit (see ``field_functions``) of degrees.

    Attributes:
        deepest: largest degree of an argument that a value was drawn for.
    """

    def __init__(self) -> None:
        self.deepest = 0

    def drawn(self, x: Degree) -> Degree:
        """A value of its own, drawn for ``x``."""
        self.deepest = max(self.deepest, x.top + x.bottom)
        return DRAWN

    def constant(self, value: Fraction) -> Degree:
        return CONSTANT

    def symbol(self, name: str) -> Degree:
        return DRAWN

    def odd(self, name: str, x: Any) -> Degree:
        return self.drawn(lift(x))

    even = odd

    def log(self, x: Any) -> Degree:
        return self.drawn(lift(x))

    fresh_log = log

    def exp(self, x: Any, otherwise: Callable[[], Degree]) -> Degree:
        return otherwise()

    def remember(self, pair: Callable[[], Any]) -> None:
        """Ties lower no bound."""

    def root(self, x: Any) -> Degree:
        # r with r² = x: counted as a value of its own, no lower than x.
        self.drawn(lift(x))
        return lift(x) + DRAWN

    def select(self, gap: Any, below: Any, above: Any, equal: Any) -> Degree:
        self.drawn(lift(gap))
        return lift(below) + lift(above) + lift(equal)

    def where_zero(self, gap: Any, value: Any, otherwise: Any) -> Degree:
        return lift(value) + lift(otherwise)


class DegreeArithmetic(ExactArithmetic):
    """Degrees of matrices; structure moves entries and changes none."""

    name = "degree"
    xp = None  # No entries, no array library.

    def __init__(self, exponential: bool = False) -> None:
        self.seed = 0
        self.kit: DegreeKit = DegreeKit()
        self.space = OracleSpace(self.kit, exponential)
        self._memory = {}

    def asarray(self, value: Any) -> Degree:
        return lift(value)

    def number(self, value: Number) -> Degree:
        return lift(self.constant(value))

    def full(self, value: Number, rows: int, cols: int) -> Degree:
        return self.number(value)

    def zeros(self, rows: int, cols: int) -> Degree:
        return CONSTANT

    def identity(self, size: int) -> Degree:
        return CONSTANT

    commutation = zeros
    diagonalizer = identity

    def add(self, a: Degree, b: Degree) -> Degree:
        return a + b

    def multiply(self, a: Degree, b: Degree) -> Degree:
        return a * b

    matmul = kron = multiply

    def divide(self, a: Degree, b: Degree) -> Degree:
        return a / b

    def matrix_power(self, a: Degree, exponent: int) -> Degree:
        return a**exponent

    def determinant(self, a: Degree, size: int) -> Degree:
        return a**size

    def inverse(self, a: Degree, size: int) -> Degree:
        return a ** max(size - 1, 0) / self.determinant(a, size)

    def transpose(self, a: Degree) -> Degree:
        return a

    vec = total = transpose

    def diag(self, vector: Degree) -> Degree:
        return vector

    def unvec(self, a: Degree, rows: int, cols: int) -> Degree:
        return a

    def entry(self, a: Degree, row: int, col: int) -> Degree:
        return a

    def blocks(self, grid: Sequence[Sequence[Degree]]) -> Degree:
        return reduce(self.add, [block for row in grid for block in row])

    def stack(self, values: Sequence[Degree]) -> Degree:
        # Denominators of different steps have nothing in common; together they would be too many.
        if any(value.below for value in values):
            return super().stack(values)
        return reduce(self.add, values)

    def logsumexp(self, a: Degree) -> Degree:
        # Drawn, or where there is one entry the entry itself.
        return super().logsumexp(a) + a

    def lift(self, a: Degree) -> Degree:
        return a

    def lower(self, x: Any, like: Sequence[Degree]) -> Degree:
        return lift(x)

    def drawn(self, name: str, orders: tuple[int, ...], args: Sequence[Degree]) -> Degree:
        for argument in args:
            self.kit.drawn(argument)
        return DRAWN

    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Degree]) -> Degree:
        return self.drawn(name, (), args)

    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Degree]
    ) -> Degree:
        return self.drawn(name, (), args)

    def map_turn(
        self, name: str, steps: Steps, slots: tuple[int, int], rows: int, cols: int,
        args: Sequence[Degree], tangent: Degree,
    ) -> Degree:  # fmt: skip
        return self.drawn(name, (), args) * tangent
