"""Derivatives for topics by the same rules as those of cells: JVP, then the matrix of the seed."""

from __future__ import annotations

from collections.abc import Mapping

from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.forward import pushforward
from derivations.calculus.linear import coefficient
from derivations.calculus.tidy import short_products
from derivations.expressions import build
from derivations.expressions.nodes import Tangent, Variable


def jacobian(
    expr: MatrixExpr, by: Variable, through: Mapping[Variable, MatrixExpr] | None = None
) -> MatrixExpr:
    """∂vec(expr)/∂vec(by), (entries of expr) × (entries of by).

    Args:
        expr: of any shape.
        by: what moves.
        through: derivatives, by the same variable, of variables in ``expr`` that depend on it.

    Raises:
        MissingRule: a node kind in ``expr`` has no rule.
    """
    known = {by: Identity(by.shape[0] * by.shape[1]), **(through or {})}

    def seed(variable: Variable) -> MatrixExpr:
        return Tangent(variable) if variable in known else build.zeros(variable.shape)

    moved = pushforward(expr, seed)
    return short_products(coefficient(moved, lambda leaf: known[leaf.variable]))
