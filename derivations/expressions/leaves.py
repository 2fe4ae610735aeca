"""Leaves: a variable at a time, its adjoint, its tangent, a derivative not yet derived."""

from __future__ import annotations

from functools import cached_property

from sympy import Basic, Expr, Tuple, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixExpr


class Variable(MatrixExpr):
    """A named value at time ``steps``, empty for a parameter: ``Variable("h", (t - 1,), n, 1)``."""

    def __new__(cls, name: str | Str, steps: object, rows: object, cols: object) -> Variable:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*steps)  # type: ignore[misc]
        return Basic.__new__(cls, label, times, sympify(rows), sympify(cols))

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))

    def at(self, steps: object) -> Variable:
        """The same variable at other time steps."""
        return Variable(self.args[0], steps, *self.shape)


class Adjoint(MatrixExpr):
    """dL/dv, the cotangent of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Adjoint:
        return Basic.__new__(cls, variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: object) -> Adjoint:
        """The same adjoint at other time steps."""
        return Adjoint(self.variable.at(steps))


class Tangent(MatrixExpr):
    """The directional derivative of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Tangent:
        return Basic.__new__(cls, variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: object) -> Tangent:
        """The same tangent at other time steps."""
        return Tangent(self.variable.at(steps))


Leaf = Variable | Adjoint | Tangent


class Jacobian(MatrixExpr):
    """∂numerator/∂denominator as vec(numerator) × vec(denominator), total or ``immediate`` (∂⁺).

    Stands for the derivative itself, before anything has been derived: the left side of a
    formula, or a factor in a formula whose value another formula gives.
    """

    def __new__(
        cls, numerator: Variable, denominator: Variable, immediate: object = False
    ) -> Jacobian:
        return Basic.__new__(cls, numerator, denominator, sympify(immediate))

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    immediate = property(lambda self: bool(self.args[2]))

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        (a, b), (c, d) = self.numerator.shape, self.denominator.shape
        return a * b, c * d
