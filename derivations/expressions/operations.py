"""Operations: values computed from values, entry by entry or as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sympy import Expr, Integer, Tuple
from sympy.core.symbol import Str
from sympy.core.sympify import _sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.node import Node


class Constant(Node):
    """A rows×cols matrix whose every entry is ``value``: a number, a size, an index expression."""

    def __new__(cls, value: object, rows: object, cols: object) -> Constant:
        return cls._of(_sympify(value), _sympify(rows), _sympify(cols))

    value = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[1], self.args[2]))


class Apply(Node):
    """An elementwise function, or a slope of it: ``orders`` counts the derivatives per argument.

    Arguments have the shape of the result or are 1×1 (broadcast): ``leaky_relu(z, p)`` has two.
    ``Apply("sigmoid", (1,), z)`` is σ′(z). A name outside the function table is arbitrary.
    """

    def __new__(cls, function: str | Str, orders: Iterable[object], *args: MatrixExpr) -> Apply:
        label = function if isinstance(function, Str) else Str(function)
        counts = orders if isinstance(orders, Tuple) else Tuple(*map(_sympify, orders))
        return cls._of(label, counts, *args)

    function = property(lambda self: self.args[0].name)
    orders = property(lambda self: tuple(int(k) for k in self.args[1]))
    arguments = property(lambda self: self.args[2:])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        for argument in self.arguments:
            if argument.shape != (1, 1):
                return argument.shape
        return self.arguments[0].shape


class Map(Node):
    """An arbitrary differentiable map ``name(args)`` with a rows×cols result.

    ``steps`` holds a time index of the map itself: ``ell_t(h_t)`` is another function at each t.
    """

    def __new__(
        cls, name: str | Str, steps: Iterable[object], rows: object, cols: object, *args: MatrixExpr
    ) -> Map:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*map(_sympify, steps))
        return cls._of(label, times, _sympify(rows), _sympify(cols), *args)

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))
    arguments = property(lambda self: self.args[4:])


class MapPartial(Node):
    """∂f/∂(argument ``slot``) of a map: vec(result) × vec(argument), all others fixed."""

    def __new__(cls, slot: object, map_: Map) -> MapPartial:
        return cls._of(_sympify(slot), map_)

    slot = property(lambda self: int(self.args[0]))
    map = property(lambda self: self.args[1])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        rows, cols = self.map.shape
        inner_rows, inner_cols = self.map.arguments[self.slot].shape
        return rows * cols, inner_rows * inner_cols


class Softmax(Node):
    """softmax of a vector."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSoftmax(Node):
    """log softmax of a vector, in its stable form."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSumExp(Node):
    """log Σ exp of a vector, 1×1."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class Scale(Node):
    """A 1×1 value times a matrix."""

    def __new__(cls, scalar: MatrixExpr, matrix: MatrixExpr) -> Scale:
        return cls._of(scalar, matrix)

    scalar = property(lambda self: self.args[0])
    matrix = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)


class Quotient(Node):
    """numerator / denominator, elementwise; the denominator has the same shape or is 1×1."""

    def __new__(cls, numerator: MatrixExpr, denominator: MatrixExpr) -> Quotient:
        return cls._of(numerator, denominator)

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class Power(Node):
    """base ** exponent, elementwise; the exponent is a number or an index expression."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> Power:
        return cls._of(base, _sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class MatrixPower(Node):
    """base^exponent of a square matrix, as repeated matrix product; a negative exponent inverts."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> MatrixPower:
        return cls._of(base, _sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class MatrixExponential(Node):
    """exp A = Σ A^j / j! of a square matrix."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class Determinant(Node):
    """det A of a square matrix, 1×1; never differentiated."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class SmallestSingular(Node):
    """σ_min(A), the smallest singular value of a square matrix, 1×1; never differentiated."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class SpectralNorm(Node):
    """‖A‖, the largest singular value, 1×1. Bounds speak of it; it is never differentiated."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))
