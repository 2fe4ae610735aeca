"""Upper bounds of norms: submultiplicativity, the triangle inequality, bounded values and slopes.

‖AB‖ ≤ ‖A‖‖B‖, ‖A + B‖ ≤ ‖A‖ + ‖B‖, ‖diag(v)‖ = max |vᵢ|, and |φ′| ≤ γ from the table of
functions, one rule for each kind of node. They bound an expression in the norms of what stands in
it. Source: Pascanu, Mikolov, Bengio 2013, section 2.1.
"""

from __future__ import annotations

from functools import reduce, singledispatch
from operator import add, mul
from typing import Any

from sympy import Abs, Add, Expr, Mul, Rational, S, Symbol, nsimplify
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build, nodes
from derivations.expressions.nodes import Adjoint, Apply, Variable
from derivations.expressions.traverse import substitute
from derivations.functions import lookup

RULE = (
    "submultiplicativity of the spectral norm, the triangle inequality, bounded values and slopes"
)


SOME = Symbol("·", integer=True)
"""Any one time of the range of a product."""


class NoBound(Exception):
    """A norm that the rules do not bound."""


def bound_of(side: MatrixExpr) -> Expr:
    """An upper bound of a norm, or of every entry of something else.

    Raises:
        NoBound: no rule speaks of what stands in it.
    """
    inner = normed(side)
    return norm_bound(inner) if inner is not None else entry_bound(side)


def normed(side: MatrixExpr) -> MatrixExpr | None:
    """X where the side is ‖X‖: spectral, of a vector, or of a 1×1 value."""
    if isinstance(side, nodes.SpectralNorm):
        return side.args[0]
    if isinstance(side, Apply) and side.function == "abs" and side.shape == (1, 1):
        return None if any(side.orders) else side.arguments[0]
    if not isinstance(side, Apply) or side.function != "sqrt" or any(side.orders):
        return None
    square = side.arguments[0]
    if isinstance(square, nodes.Power) and square.exponent == 2 and square.shape == (1, 1):
        return square.base
    if isinstance(square, MatMul | nodes.Scale | HadamardProduct) and len(square.args) == 2:
        left, right = square.args
        if left in (Transpose(right), build.transpose(right)):
            return right
        if left == right and right.shape == (1, 1):
            return right
    return None


def over_range(body: Expr, reduction: nodes.TimeProduct | nodes.TimeSum) -> Expr:
    """The product or the sum of a bound over a range; ``body`` is the bound at time SOME.

    What does not depend on the time is a power or a multiple; of the rest, only what it is counts.
    """
    low, high = reduction.lower, reduction.upper
    count = high - low + 1

    def depends(part: Expr) -> bool:
        return any(SOME.name in symbol.name for symbol in part.free_symbols)

    def named(part: Expr) -> Symbol:
        kind = type(reduction).__name__
        return Symbol(f"{kind} of {part} from {low} to {high}", nonnegative=True)

    if isinstance(reduction, nodes.TimeProduct):
        parts = Mul.make_args(body)
        return reduce(mul, [named(p) if depends(p) else p**count for p in parts], S.One)
    found = S.Zero
    for term in Add.make_args(body.expand()):
        still, moving = term.as_independent(*filter(depends, term.free_symbols), as_Add=False)
        found += still * (named(moving) if depends(moving) else count)
    return found


def norm_of(node: MatrixExpr) -> Symbol:
    """The norm of what the rules do not look into."""
    if isinstance(node, Transpose):
        node = node.arg
    return Symbol(f"norm {node}", nonnegative=True)


@singledispatch
def norm_bound(node: Any) -> Expr:
    """An upper bound of the spectral norm, in the norms of the leaves.

    Raises:
        NoBound: no rule speaks of the node.
    """
    raise NoBound


@norm_bound.register(Variable)
@norm_bound.register(nodes.MapPartial)
@norm_bound.register(Adjoint)
def _(node: MatrixExpr) -> Expr:
    return norm_of(node)


@norm_bound.register
def _(node: Transpose) -> Expr:
    return norm_bound(node.arg)


@norm_bound.register(Identity)
@norm_bound.register(nodes.Softmax)
def _(node: MatrixExpr) -> Expr:
    return S.One


@norm_bound.register
def _(node: ZeroMatrix) -> Expr:
    return S.Zero


@norm_bound.register
def _(node: MatMul) -> Expr:
    parts = [norm_bound(a) if isinstance(a, MatrixExpr) else Abs(a) for a in node.args]
    return reduce(mul, parts)


@norm_bound.register
def _(node: MatAdd) -> Expr:
    return reduce(add, [norm_bound(a) for a in node.args])


@norm_bound.register
def _(node: nodes.Scale) -> Expr:
    return entry_bound(node.scalar) * norm_bound(node.matrix)


@norm_bound.register
def _(node: nodes.Diag) -> Expr:
    return entry_bound(node.vector)


@norm_bound.register
def _(node: HadamardProduct) -> Expr:
    """‖a ⊙ b‖ ≤ max |aᵢ| ‖b‖, for vectors; all factors but the last bounded entry by entry."""
    if 1 not in node.shape:
        raise NoBound
    *rest, last = sorted(node.args, key=lambda part: isinstance(part, Apply), reverse=True)
    return reduce(mul, [entry_bound(part) for part in rest], S.One) * norm_bound(last)


@norm_bound.register
def _(node: nodes.TimeProduct) -> Expr:
    return over_range(norm_bound(substitute(node.body, {node.index: SOME})), node)


@norm_bound.register
def _(node: nodes.TimeSum) -> Expr:
    return over_range(norm_bound(substitute(node.body, {node.index: SOME})), node)


@norm_bound.register
def _(node: nodes.Entry) -> Expr:
    return entry_bound(node.matrix)


@norm_bound.register
def _(node: Apply) -> Expr:
    """√(number of entries) times what bounds each."""
    rows, cols = node.shape
    return entry_bound(node) * (rows * cols) ** S.Half


@norm_bound.register
def _(node: nodes.Constant) -> Expr:
    if node.shape != (1, 1):
        raise NoBound
    return Abs(node.value)


@singledispatch
def entry_bound(node: Any) -> Expr:
    """An upper bound of |entry| for every entry.

    Raises:
        NoBound: no rule speaks of the node.
    """
    raise NoBound


@entry_bound.register
def _(node: Apply) -> Expr:
    """γ for a slope, the range for a value."""
    row = lookup(node.function)
    if row is None:
        raise NoBound
    parameters = node.arguments[row.arity :]
    if not all(isinstance(p, nodes.Constant) and p.value.is_number for p in parameters):
        raise NoBound
    if sum(node.orders) == 0:
        bound = max(abs(row.range.low), abs(row.range.high))
    elif node.orders[0] == 1 and sum(node.orders) == 1:
        bound = row.slope_bound(*(float(p.value) for p in parameters))
    else:
        raise NoBound
    if bound == float("inf"):
        raise NoBound
    return _exact(bound)


@entry_bound.register
def _(node: nodes.Constant) -> Expr:
    return Abs(node.value)


@entry_bound.register
def _(node: nodes.Softmax) -> Expr:
    return S.One


@entry_bound.register
def _(node: nodes.Entry) -> Expr:
    return entry_bound(node.matrix)


@entry_bound.register
def _(node: nodes.Scale) -> Expr:
    return entry_bound(node.scalar) * entry_bound(node.matrix)


@entry_bound.register
def _(node: HadamardProduct) -> Expr:
    return reduce(mul, [entry_bound(part) for part in node.args])


@entry_bound.register
def _(node: MatAdd) -> Expr:
    return reduce(add, [entry_bound(part) for part in node.args])


@entry_bound.register
def _(node: Variable) -> Expr:
    """No entry is larger than the spectral norm."""
    return norm_of(node)


def _exact(bound: float) -> Expr:
    """A bound as the fraction it is meant to be: 0.25 is 1/4."""
    simple = nsimplify(bound, rational=True)
    return simple if float(simple) == bound else Rational(bound)
