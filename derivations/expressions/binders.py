"""Binders: sums, ordered products and direct sums over an index."""

from __future__ import annotations

from functools import cached_property

from sympy import Expr, Symbol
from sympy.core.sympify import _sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.node import Node


class TimeSum(Node):
    """Σ body for ``index`` from ``lower`` to ``upper``, both inclusive; empty sums are zero."""

    def __new__(cls, body: MatrixExpr, index: Symbol, lower: object, upper: object) -> TimeSum:
        return cls._of(body, index, _sympify(lower), _sympify(upper))

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])
    shape = property(lambda self: self.args[0].shape)


class TimeProduct(Node):
    """∏ body (square) for ``index`` from ``lower`` to ``upper``; an empty product is the identity.

    ``descending``: the latest time stands on the left.
    """

    def __new__(
        cls,
        body: MatrixExpr,
        index: Symbol,
        lower: object,
        upper: object,
        descending: object = True,
    ) -> TimeProduct:
        return cls._of(body, index, _sympify(lower), _sympify(upper), _sympify(descending))

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])
    descending = property(lambda self: bool(self.args[4]))
    shape = property(lambda self: self.args[0].shape)


class DirectSum(Node):
    """The block-diagonal matrix of the bodies for ``index`` from ``lower`` to ``upper``.

    Bodies need not be square: the direct sum of m columns of size n is nm×m, and times the
    vector of ones it stacks them.
    """

    def __new__(cls, body: MatrixExpr, index: Symbol, lower: object, upper: object) -> DirectSum:
        return cls._of(body, index, _sympify(lower), _sympify(upper))

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        count = self.upper - self.lower + 1
        rows, cols = self.body.shape
        return count * rows, count * cols
