"""Lower bounds of norms: σ_min(AB) ≥ σ_min(A) σ_min(B) for square matrices, and ‖A‖ ≥ σ_min(A).

Source: Pascanu, Mikolov, Bengio 2013, section 2.1, read the other way round; Horn and Johnson 2013,
section 7.3. A slope may be zero, and then these rules say nothing.
"""

from __future__ import annotations

from functools import reduce, singledispatch
from operator import mul
from typing import Any

from sympy import Abs, Expr, S, Symbol
from sympy.matrices.expressions import Identity, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.errors import GradproofError
from derivations.expressions import nodes
from derivations.expressions.nodes import Jacobian, Variable
from derivations.expressions.traverse import nodes_in, substitute
from verify.inequalities.never_above import never_above
from verify.inequalities.norm_bounds import SOME, NoBound, normed, over_range
from verify.inequalities.norm_claims import jacobian_of

RULE = "smallest singular values of products of square matrices"


def proves_below(
    cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...]
) -> bool:
    """Whether the rules prove ``smaller ≤ larger``, where the larger side is a norm or a σ_min."""
    inner = larger.args[0] if isinstance(larger, nodes.SmallestSingular) else normed(larger)
    if inner is None or inner.shape[0] != inner.shape[1]:
        return False
    try:
        jacobians = {leaf: jacobian_of(cell, leaf) for leaf in nodes_in(inner, Jacobian)}
        return never_above(_claimed(smaller), least(inner.xreplace(jacobians)), domain)
    except (NoBound, GradproofError):
        return False


def _claimed(side: MatrixExpr) -> Expr:
    """A product of smallest singular values of named matrices and numbers, as it is.

    Raises:
        NoBound: of another matrix, about which there is a bound from below only.
    """
    if isinstance(side, nodes.SmallestSingular):
        inner = side.args[0].arg if isinstance(side.args[0], Transpose) else side.args[0]
        if not isinstance(inner, Variable | nodes.Diag | Identity):
            raise NoBound
        return least(inner)
    if isinstance(side, nodes.Constant):
        return side.value
    if isinstance(side, nodes.Power):
        return _claimed(side.base) ** side.exponent
    if isinstance(side, nodes.Scale):
        return _claimed(side.scalar) * _claimed(side.matrix)
    if isinstance(side, nodes.TimeProduct):
        return over_range(_claimed(substitute(side.body, {side.index: SOME})), side)
    raise NoBound


@singledispatch
def least(node: Any) -> Expr:
    """What the smallest singular value of a square matrix is never below.

    Raises:
        NoBound: no rule speaks of what stands in it.
    """
    raise NoBound


@least.register(Variable)
@least.register(nodes.Diag)
def _(node: MatrixExpr) -> Expr:
    if node.shape[0] != node.shape[1]:
        raise NoBound
    return Symbol(f"smallest singular {node}", nonnegative=True)


@least.register
def _(node: Transpose) -> Expr:
    return least(node.arg)


@least.register
def _(node: Identity) -> Expr:
    return S.One


@least.register
def _(node: MatMul) -> Expr:
    if any(factor.shape[0] != factor.shape[1] for factor in node.args):
        raise NoBound
    return reduce(mul, map(least, node.args))


@least.register
def _(node: nodes.Scale) -> Expr:
    if not isinstance(node.scalar, nodes.Constant):
        raise NoBound
    return Abs(node.scalar.value) * least(node.matrix)


@least.register
def _(node: nodes.MatrixPower) -> Expr:
    if node.exponent.is_negative:
        raise NoBound  # of an inverse, whose singular values turn round
    return least(node.base) ** node.exponent


@least.register
def _(node: nodes.TimeProduct) -> Expr:
    return over_range(least(substitute(node.body, {node.index: SOME})), node)
