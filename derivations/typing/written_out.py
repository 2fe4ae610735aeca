"""Derivatives of what is written out: ``∂f(h_{t-1}, θ)/∂θ``, ``∂ℓ(y_t, o_t)/∂W``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.forward import pushforward
from derivations.calculus.linear import Lookup, coefficient
from derivations.calculus.states import simplify_zeros
from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Jacobian, Tangent, Variable
from derivations.expressions.traverse import bound_indices, nodes_in, symbols_of
from derivations.language.tree import Partial

if TYPE_CHECKING:
    from derivations.typing.elaborate import Elaborator


def derivative_of_written(builder: Elaborator, node: Partial, wrt: Variable) -> MatrixExpr:
    """∂(expression)/∂variable as a Jacobian, vec(expression) × vec(variable).

    Where the variable itself stands in the expression, everything else in it is held fixed: the
    immediate partial of Pascanu, Mikolov & Bengio 2013. Where it does not, only a total derivative
    can be meant, and what stands in the expression depends on it as the cell says.

    Raises:
        InputError: the variable stands there, and stands there at other times, too; or its time is
            an index that the expression binds.
    """
    value = builder.matrix(node.numerator)
    rows, cols = wrt.shape
    if bound_indices(value) & symbols_of(wrt):
        raise InputError(
            "the time of this derivative is the index of a sum or product within",
            node.span,
            "Use another letter for one of them.",
        )
    named = {v for v in nodes_in(value, Variable) if v.name == wrt.name}
    if wrt not in named:
        defined = builder.inference.targets

        def total(leaf: Tangent) -> MatrixExpr:
            if leaf.name == LOSS:
                return build.transpose(build.vec(Adjoint(wrt)))
            return Jacobian(leaf.variable, wrt)

        def moving(v: Variable) -> MatrixExpr:
            return Tangent(v) if v.steps or v.name in defined else build.zeros(v.shape)

        return _matrix(pushforward(value, moving), total, rows * cols)
    if len(named) > 1:
        raise InputError(
            f"{wrt.name} stands in this expression at other times, too",
            node.span,
            "Name the expression in a line before (u[t] = f(h[t-1], w)) and write du[t]/dw.",
        )
    moved = pushforward(value, lambda v: Tangent(v) if v == wrt else build.zeros(v.shape))
    return _matrix(moved, lambda leaf: Identity(rows * cols), rows * cols)


def _matrix(moved: MatrixExpr, lookup: Lookup, cols: Expr) -> MatrixExpr:
    """The matrix that takes the movement of the variable to that of the expression."""
    moved = simplify_zeros(moved)
    if nodes_in(moved, Tangent):
        return coefficient(moved, lookup)
    return build.zeros((moved.shape[0] * moved.shape[1], cols))
