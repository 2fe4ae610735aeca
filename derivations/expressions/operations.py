"""Operations: values computed from values, entry by entry or as a whole."""

from __future__ import annotations

from functools import cached_property

from sympy import Basic, Expr, Integer, Tuple, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixExpr


class Constant(MatrixExpr):
    """A rows×cols matrix whose every entry is ``value``: a number, a size, an index expression."""

    def __new__(cls, value: object, rows: object, cols: object) -> Constant:
        return Basic.__new__(cls, sympify(value), sympify(rows), sympify(cols))

    value = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[1], self.args[2]))


class Apply(MatrixExpr):
    """An elementwise function, or a slope of it: ``orders`` counts the derivatives per argument.

    Arguments have the shape of the result or are 1×1 (broadcast): ``leaky_relu(z, p)`` has two.
    ``Apply("sigmoid", (1,), z)`` is σ′(z). A name outside the function table is arbitrary.
    """

    def __new__(cls, function: str | Str, orders: object, *args: MatrixExpr) -> Apply:
        label = function if isinstance(function, Str) else Str(function)
        counts = orders if isinstance(orders, Tuple) else Tuple(*orders)  # type: ignore[misc]
        return Basic.__new__(cls, label, counts, *args)

    function = property(lambda self: self.args[0].name)
    orders = property(lambda self: tuple(int(k) for k in self.args[1]))
    arguments = property(lambda self: self.args[2:])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        for argument in self.arguments:
            if argument.shape != (1, 1):
                return argument.shape
        return self.arguments[0].shape


class Map(MatrixExpr):
    """An arbitrary differentiable map ``name(args)`` with a rows×cols result.

    ``steps`` holds a time index of the map itself: ``ell_t(h_t)`` is another function at each t.
    """

    def __new__(
        cls, name: str | Str, steps: object, rows: object, cols: object, *args: MatrixExpr
    ) -> Map:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*steps)  # type: ignore[misc]
        return Basic.__new__(cls, label, times, sympify(rows), sympify(cols), *args)

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))
    arguments = property(lambda self: self.args[4:])


class MapPartial(MatrixExpr):
    """∂f/∂(argument ``slot``) of a map: vec(result) × vec(argument), all others fixed."""

    def __new__(cls, slot: object, map_: Map) -> MapPartial:
        return Basic.__new__(cls, sympify(slot), map_)

    slot = property(lambda self: int(self.args[0]))
    map = property(lambda self: self.args[1])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        rows, cols = self.map.shape
        inner_rows, inner_cols = self.map.arguments[self.slot].shape
        return rows * cols, inner_rows * inner_cols


class Softmax(MatrixExpr):
    """softmax of a vector."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSoftmax(MatrixExpr):
    """log softmax of a vector, in its stable form."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSumExp(MatrixExpr):
    """log Σ exp of a vector, 1×1."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class Scale(MatrixExpr):
    """A 1×1 value times a matrix."""

    def __new__(cls, scalar: MatrixExpr, matrix: MatrixExpr) -> Scale:
        return Basic.__new__(cls, scalar, matrix)

    scalar = property(lambda self: self.args[0])
    matrix = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)


class Quotient(MatrixExpr):
    """numerator / denominator, elementwise; the denominator has the same shape or is 1×1."""

    def __new__(cls, numerator: MatrixExpr, denominator: MatrixExpr) -> Quotient:
        return Basic.__new__(cls, numerator, denominator)

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class Power(MatrixExpr):
    """base ** exponent, elementwise; the exponent is a number or an index expression."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> Power:
        return Basic.__new__(cls, base, sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class MatrixPower(MatrixExpr):
    """base^exponent of a square matrix, as repeated matrix product; exponent ≥ 0."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> MatrixPower:
        return Basic.__new__(cls, base, sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class MatrixExponential(MatrixExpr):
    """exp A = Σ A^j / j! of a square matrix."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class SpectralNorm(MatrixExpr):
    """‖A‖, the largest singular value, 1×1. Bounds speak of it; it is never differentiated."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))
