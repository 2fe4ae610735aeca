"""The symbols of the topic, and the Jacobian product of a recurrent network as it is derived."""

from __future__ import annotations

from functools import cache

from sympy import Integer, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.jacobian import total
from derivations.cell import Definition, Range
from derivations.expressions.nodes import Constant, Scale, Variable
from derivations.functions import lookup
from derivations.loading import load
from derivations.topics._writing import define, index, matrix, scalar, size, vector

n, T = size("n"), size("T")
k, j = index("k"), index("j")
W = matrix("W", n)
w = scalar("w")
EARLIER = (Range(k, Integer(0), T - 1),)
"""0 ≤ k ≤ T − 1: at least one factor."""
PLACES = (0, 1)
"""Arguments at which the slope of many functions is as large as it gets."""


def z(step: object) -> Variable:
    """The pre-activations of one step."""
    return vector("z", n, step)


@cache
def state_jacobian(function: str) -> MatrixExpr:
    """∂h_T/∂h_k of h_t = φ(W h_{t−1} + U x_t + b), by the same derivation as that of any cell."""
    cell = load(["z[t] = W @ h[t-1] + U @ x[t] + b", f"h[t] = {function}(z[t])"]).cell
    state = cell.templates["h"]
    end = Symbol("T", integer=True)
    (found,) = total(cell, state.at([end]), state.at([k]))
    here = {symbol: size(symbol.name) for symbol in cell.sizes}
    return found.value.xreplace({end: T, **here})


def steepest(function: str) -> int | None:
    """Where the slope is γ, if that is at a simple place."""
    row = lookup(function)
    assert row is not None
    gamma = row.slope_bound()
    return next((x for x in PLACES if abs(float(row.mpmath_slope(x))) == gamma), None)


def multiple_of_identity() -> Definition:
    """W = w I."""
    return define(W, Scale(w, Identity(n)))


def all_equal(step: Symbol, value: object) -> Definition:
    """z_t = value in every entry, at every step."""
    return define(z(step), Constant(value, n, 1))
