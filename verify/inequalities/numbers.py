"""1×1 expressions of numbers and indices alone, and whether they can be zero.

SymPy knows which numbers are algebraic, and that the sine of one of them is not, unless it is 0
(Lindemann and Weierstrass): so sin(10000^(−2k/d) n/2) ≠ 0 for whole n ≠ 0, whatever k and d are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import sympy
from sympy import Expr
from sympy.matrices.expressions import HadamardProduct, MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.expressions.nodes import Apply, Constant

Number = Callable[[Expr], Expr]
"""What an index or a size is taken for."""
_FUNCTIONS = {"sin": sympy.sin, "cos": sympy.cos, "exp": sympy.exp, "sqrt": sympy.sqrt}


class NoNumber(Exception):
    """Something stands in an expression that is no number."""


def value_of(node: MatrixExpr, number: Number) -> Expr | None:
    """The number that a 1×1 expression is; ``None`` where something else stands in it."""
    try:
        return _value(node, number) if node.shape == (1, 1) else None
    except NoNumber:
        return None


def never_zero(node: MatrixExpr, number: Number) -> bool:
    """Whether an expression is a number that is certainly not zero."""
    value = value_of(node, number)
    return value is not None and value.is_zero is False


@singledispatch
def _value(node: MatrixExpr, number: Number) -> Expr:
    raise NoNumber


@_value.register
def _(node: Constant, number: Number) -> Expr:
    return number(node.value)


@_value.register
def _(node: nodes.Power, number: Number) -> Expr:
    return _value(node.base, number) ** number(node.exponent)


@_value.register(nodes.Scale)
@_value.register(HadamardProduct)
def _(node: MatrixExpr, number: Number) -> Expr:
    return sympy.Mul(*(_value(part, number) for part in node.args))


@_value.register
def _(node: MatAdd, number: Number) -> Expr:
    return sympy.Add(*(_value(part, number) for part in node.args))


@_value.register
def _(node: nodes.Quotient, number: Number) -> Expr:
    return _value(node.numerator, number) / _value(node.denominator, number)


@_value.register
def _(node: Apply, number: Number) -> Expr:
    if node.function not in _FUNCTIONS or any(node.orders):
        raise NoNumber
    return _FUNCTIONS[node.function](_value(node.arguments[0], number))
