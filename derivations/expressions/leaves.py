"""Leaves: a variable at a time, its adjoint, its tangent, a derivative not yet derived."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sympy import Expr, Tuple
from sympy.core.symbol import Str
from sympy.core.sympify import _sympify

from derivations.expressions.node import Node


class Variable(Node):
    """A named value at time ``steps``, empty for a parameter: ``Variable("h", (t - 1,), n, 1)``."""

    def __new__(
        cls, name: str | Str, steps: Iterable[object], rows: object, cols: object
    ) -> Variable:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*map(_sympify, steps))
        return cls._of(label, times, _sympify(rows), _sympify(cols))

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))

    def at(self, steps: Iterable[object]) -> Variable:
        """The same variable at other time steps."""
        return Variable(self.args[0], steps, *self.shape)


class Adjoint(Node):
    """dL/dv, the cotangent of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Adjoint:
        return cls._of(variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: Iterable[object]) -> Adjoint:
        """The same adjoint at other time steps."""
        return Adjoint(self.variable.at(steps))


class Tangent(Node):
    """The directional derivative of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Tangent:
        return cls._of(variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: Iterable[object]) -> Tangent:
        """The same tangent at other time steps."""
        return Tangent(self.variable.at(steps))


Leaf = Variable | Adjoint | Tangent


class Jacobian(Node):
    """∂numerator/∂denominator as vec(numerator) × vec(denominator), total or ``immediate`` (∂⁺).

    Stands for the derivative itself, before anything has been derived: the left side of a
    formula, or a factor in a formula whose value another formula gives.
    """

    def __new__(
        cls, numerator: Variable, denominator: Variable, immediate: object = False
    ) -> Jacobian:
        return cls._of(numerator, denominator, _sympify(immediate))

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    immediate = property(lambda self: bool(self.args[2]))

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        (a, b), (c, d) = self.numerator.shape, self.denominator.shape
        return a * b, c * d
