"""Proofs of norm inequalities: submultiplicativity, the triangle inequality, bounded slopes.

‖AB‖ ≤ ‖A‖‖B‖, ‖A + B‖ ≤ ‖A‖ + ‖B‖, ‖diag(v)‖ = max |vᵢ|, and |φ′| ≤ γ from the table of
functions. Applied to a derived Jacobian or gradient they give an upper bound in the norms of what
stands in it; a claim is proved where that bound is never above the claimed one. Source: Pascanu,
Mikolov, Bengio 2013, section 2.1.
"""

from __future__ import annotations

from functools import reduce, singledispatch
from operator import add, mul
from typing import Any

from sympy import Abs, Expr, Rational, S, Symbol, nsimplify
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import Alternative, instantiate, intersect
from derivations.calculus.jacobian import apart, immediate, together, total
from derivations.cell import Cell, Definition, Range
from derivations.deriver import Deriver
from derivations.errors import GradproofError
from derivations.expressions import nodes
from derivations.expressions.nodes import Adjoint, Apply, Jacobian, Variable
from derivations.expressions.traverse import substitute
from derivations.functions import lookup
from verify.never_above import never_above

RULE = "submultiplicativity of the spectral norm, the triangle inequality and bounded slopes"


class NoBound(Exception):
    """A norm that the rules do not bound."""


def proves(cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...]) -> bool:
    """Whether the rules prove ``smaller ≤ larger`` at every index of the domain."""
    try:
        return all(
            never_above(_value_bound(case), _value(substitute(larger, times), cell), domain)
            for case, times in _derived(cell, smaller)
        )
    except (NoBound, GradproofError):
        return False


def _derived(cell: Cell, side: MatrixExpr) -> list[tuple[MatrixExpr, dict[Symbol, Expr]]]:
    """The side with its derivative replaced by its closed form, one for each stretch of time."""
    found = sorted(side.atoms(Jacobian, Adjoint), key=str)
    if not found:
        return [(side, {})]
    if len(found) > 1:
        raise NoBound
    (leaf,) = found
    if isinstance(leaf, Jacobian):
        find = immediate if leaf.immediate else total
        values = find(cell, leaf.numerator, leaf.denominator)
        if len(values) != 1:
            raise NoBound
        return [(side.xreplace({leaf: values[0].value}), {})]
    cases = []
    for alternative in _closed(cell, leaf):
        times = {r.index: r.lower for r in alternative.domain if r.pinned}
        cases.append((side.xreplace({leaf: alternative.value}), times))
    return cases


def _closed(cell: Cell, leaf: Adjoint) -> list[Alternative]:
    """The closed form of a gradient with its slopes as slopes, one for each stretch of time."""
    deriver = Deriver(cell)
    if leaf.name not in deriver.adjoints:
        raise NoBound
    target = deriver.adjoints[leaf.name].target
    definition = Definition(target, deriver.closed_pieces(leaf.name))
    there = Adjoint(apart(leaf.variable))
    found = [
        Alternative(a.value, domain)
        for a in instantiate(definition, there)
        if (domain := intersect(a.domain)) is not None
    ]
    return list(together(found))


def _value_bound(side: MatrixExpr) -> Expr:
    """An upper bound of a norm, or of every entry of something else."""
    inner = normed(side)
    return norm_bound(inner) if inner is not None else entry_bound(side)


def normed(side: MatrixExpr) -> MatrixExpr | None:
    """X where the side is ‖X‖, spectral or of a vector."""
    if isinstance(side, nodes.SpectralNorm):
        return side.args[0]
    if isinstance(side, Apply) and side.function == "sqrt" and not any(side.orders):
        square = side.arguments[0]
        if isinstance(square, MatMul) and len(square.args) == 2:
            left, right = square.args
            if left in (Transpose(right), getattr(right, "T", None)):
                return right
    return None


def _symbol(node: MatrixExpr) -> Symbol:
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
    return _symbol(node)


@norm_bound.register
def _(node: Transpose) -> Expr:
    return norm_bound(node.arg)


@norm_bound.register
def _(node: Identity) -> Expr:
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
    body = norm_bound(node.body)
    if body.has(node.index) or any(node.index.name in s.name.split() for s in body.free_symbols):
        raise NoBound
    return body ** (node.upper - node.lower + 1)


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
def _(node: HadamardProduct) -> Expr:
    return reduce(mul, [entry_bound(part) for part in node.args])


@entry_bound.register
def _(node: MatAdd) -> Expr:
    return reduce(add, [entry_bound(part) for part in node.args])


@entry_bound.register
def _(node: Variable) -> Expr:
    if node.shape != (1, 1):
        raise NoBound
    return _symbol(node)


def _exact(bound: float) -> Expr:
    """A bound as the fraction it is meant to be: 0.25 is 1/4."""
    simple = nsimplify(bound, rational=True)
    return simple if float(simple) == bound else Rational(bound)


def _value(side: MatrixExpr, cell: Cell) -> Expr:
    """The claimed bound as a number in the same norms.

    Raises:
        NoBound: it holds what has no exact value there.
    """
    inner = normed(side)
    if inner is not None:
        return _norm_value(inner, cell)
    if isinstance(side, nodes.Constant):
        return side.value
    if isinstance(side, nodes.Power):
        return _value(side.base, cell) ** side.exponent
    if isinstance(side, nodes.Scale | HadamardProduct | MatMul):
        parts = [_value(a, cell) if isinstance(a, MatrixExpr) else a for a in side.args]
        return reduce(mul, parts)
    if isinstance(side, MatAdd):
        return reduce(add, [_value(a, cell) for a in side.args])
    if isinstance(side, nodes.Quotient):
        return _value(side.numerator, cell) / _value(side.denominator, cell)
    if isinstance(side, nodes.TimeProduct):
        body = _value(side.body, cell)
        if body.has(side.index):
            raise NoBound
        return body ** (side.upper - side.lower + 1)
    raise NoBound


def _norm_value(inner: MatrixExpr, cell: Cell) -> Expr:
    if isinstance(inner, Adjoint):
        cases = _closed(cell, inner)
        inner = cases[0].value if len(cases) == 1 else inner
    core = inner.arg if isinstance(inner, Transpose) else inner
    if isinstance(core, Variable | nodes.MapPartial | Adjoint):
        return _symbol(core)
    raise NoBound
