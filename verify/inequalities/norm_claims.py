"""Proofs of norm inequalities: a derived bound that is never above the claimed one.

The smaller side is derived, then bounded by the rules of ``norm_bounds``. A norm of a compound
expression on the larger side, as of a slope or of one step's Jacobian, is a name there, and the
same name stands for that expression on the smaller side.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import add, mul

from sympy import Expr, S, Symbol, Transpose
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import Alternative, instantiate, intersect
from derivations.calculus.jacobian import apart, immediate, together, total
from derivations.calculus.rewrites import Rewriter
from derivations.cell import Cell, Definition, Range
from derivations.deriver import deriver_of
from derivations.errors import GradproofError
from derivations.expressions import build, nodes
from derivations.expressions.nodes import Adjoint, Jacobian, Variable
from derivations.expressions.traverse import (
    map_leaves,
    nodes_in,
    operands,
    substitute,
    with_operands,
)
from verify.inequalities.equations import by_equations
from verify.inequalities.never_above import never_above
from verify.inequalities.norm_bounds import SOME, NoBound, bound_of, norm_of, normed, over_range

_DEPTH = 3
"""How often variables are replaced by what their equations say."""


def proves(cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...]) -> bool:
    """Whether the rules prove ``smaller ≤ larger`` at every index of the domain.

    A gradient on the smaller side is solved, or told by the gradients on the larger side. First
    the sides are taken as they stand, then with compound norms named, then with every variable of
    the smaller side as its equation says.
    """
    told = frozenset(a.name for a in nodes_in(larger, Adjoint))
    for through in (None, told) if told else (None,):
        try:
            cases = _derived(cell, smaller, domain, through)
        except (NoBound, GradproofError):
            continue
        if all(_proved(cell, case, substitute(larger, at), domain) for case, at in cases):
            return True
    return False


def _proved(cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...]) -> bool:
    larger = _squares_as_products(larger)
    # As it stands; then named, also with slopes as the larger side may write them, 1 - h * h.
    forms = [smaller, smaller, _squares_as_products(Rewriter(cell).value(smaller))]
    said = smaller
    for _ in range(_DEPTH):
        said = by_equations(cell, said, domain)
        forms.append(said)

    def same(below: MatrixExpr, above: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr]:
        return below, above

    ways = [(forms[0], same), *((below, _Names(cell).in_both) for below in forms[1:])]
    if any(side.has(nodes.Entry) for side in (smaller, larger)):
        ways += [(below, partial(_entry_by_entry, cell)) for below in forms]
    for below, way in ways:
        try:
            one, other = way(below, larger)
            if never_above(bound_of(one), value_in_norms(other, cell), domain):
                return True
        except (NoBound, GradproofError):
            continue
    return False


def _squares_as_products(side: MatrixExpr) -> MatrixExpr:
    """The side with each entrywise square as a product, so that both spellings are one."""
    parts = tuple(map(_squares_as_products, operands(side)))
    side = with_operands(side, parts) if parts else side
    if isinstance(side, nodes.Power) and side.exponent == 2 and side.shape != (1, 1):
        return build.hadamard(side.base, side.base)
    return side


def _entry_by_entry(
    cell: Cell, below: MatrixExpr, above: MatrixExpr
) -> tuple[MatrixExpr, MatrixExpr]:
    """Both sides with entries taken as far inside as they go, and by names of their own there."""

    def named(side: MatrixExpr) -> MatrixExpr:
        if isinstance(side, nodes.Entry) and isinstance(side.matrix, Variable):
            name = f"{side.matrix.name}[{side.row}, {side.col}]"
            return Variable(name, side.matrix.steps, 1, 1)
        parts = tuple(map(named, operands(side)))
        return with_operands(side, parts) if parts else side

    rewriter = Rewriter(cell)
    return named(rewriter.value(below)), named(rewriter.value(above))


def _derived(
    cell: Cell, side: MatrixExpr, domain: tuple[Range, ...], through: frozenset[str] | None
) -> list[tuple[MatrixExpr, dict[Symbol, Expr]]]:
    """The side with its derivative replaced by its value, one for each stretch of time."""
    found = sorted(nodes_in(side, Jacobian, Adjoint), key=str)
    if not found:
        return [(side, {})]
    if len(found) > 1:
        raise NoBound
    (leaf,) = found
    if isinstance(leaf, Jacobian):
        return [(side.xreplace({leaf: jacobian_of(cell, leaf)}), {})]
    cases = []
    for alternative in _gradient(cell, leaf, through):
        times = {r.index: r.lower for r in alternative.domain if r.pinned}
        if intersect((*alternative.domain, *domain)) is not None:
            cases.append((side.xreplace({leaf: alternative.value}), times))
    return cases


def jacobian_of(cell: Cell, leaf: Jacobian) -> MatrixExpr:
    """The derived value of a Jacobian that is the same at all times."""
    find = immediate if leaf.immediate else total
    values = find(cell, leaf.numerator, leaf.denominator)
    if len(values) != 1:
        raise NoBound
    return values[0].value


def _gradient(cell: Cell, leaf: Adjoint, through: frozenset[str] | None) -> list[Alternative]:
    """A gradient with its slopes as slopes, one value for each stretch of time.

    Args:
        through: gradients by which it is told; solved if ``None``.
    """
    deriver = deriver_of(cell)
    if leaf.name not in deriver.adjoints:
        raise NoBound
    if through is None:
        pieces = deriver.closed_pieces(leaf.name)
    else:
        pieces = deriver.pieces_through(leaf.name, through, solve=False)
    definition = Definition(deriver.adjoints[leaf.name].target, pieces)
    there = Adjoint(apart(leaf.variable))
    found = [
        Alternative(a.value, domain)
        for a in instantiate(definition, there)
        if (domain := intersect(a.domain)) is not None
    ]
    return list(together(found))


class _Names:
    """Names for compound expressions whose norms stand on the larger side."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._known: list[tuple[MatrixExpr, Symbol | None, Variable]] = []

    def in_both(self, below: MatrixExpr, above: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr]:
        """Both sides with every such expression by its name."""
        above = self._larger(above, None)
        for expr, index, name in self._known:
            below = self._smaller(below, expr, index, name)
        return below, above

    def _larger(self, side: MatrixExpr, index: Symbol | None) -> MatrixExpr:
        inner = normed(side)
        if inner is not None:
            return self._norm(side, inner, index)
        if isinstance(side, nodes.TimeProduct):
            index = side.index
        parts = tuple(self._larger(part, index) for part in operands(side))
        return with_operands(side, parts) if parts else side

    def _norm(self, side: MatrixExpr, inner: MatrixExpr, index: Symbol | None) -> MatrixExpr:
        expr = self._without_jacobians(inner.arg if isinstance(inner, Transpose) else inner)
        if isinstance(expr, Variable | nodes.MapPartial | Adjoint):
            return nodes.SpectralNorm(expr)
        if index is not None and not expr.has(index):
            index = None
        steps = () if index is None else (index,)
        name = Variable(f"part {len(self._known)}", steps, *expr.shape)
        self._known.append((expr, index, name))
        return nodes.SpectralNorm(name)

    def _without_jacobians(self, expr: MatrixExpr) -> MatrixExpr:
        def value(leaf: MatrixExpr) -> MatrixExpr:
            return jacobian_of(self._cell, leaf) if isinstance(leaf, Jacobian) else leaf

        return map_leaves(expr, value)

    def _smaller(
        self, side: MatrixExpr, expr: MatrixExpr, index: Symbol | None, name: Variable
    ) -> MatrixExpr:
        if index is None:
            return side.xreplace({expr: name})
        parts = tuple(self._smaller(part, expr, index, name) for part in operands(side))
        side = with_operands(side, parts) if parts else side
        if isinstance(side, nodes.TimeProduct):
            here = {index: side.index}
            body = side.body.xreplace({substitute(expr, here): substitute(name, here)})
            return side.func(body, *side.args[1:])
        return side


def value_in_norms(side: MatrixExpr, cell: Cell) -> Expr:
    """The claimed bound as a number in the same norms.

    Raises:
        NoBound: it holds what has no exact value there.
    """
    inner = normed(side)
    if inner is not None:
        return _norm_value(inner, cell)
    if isinstance(side, nodes.Constant):
        return side.value
    if isinstance(side, nodes.Apply) and side.function == "sqrt" and not any(side.orders):
        return value_in_norms(side.arguments[0], cell) ** S.Half
    if isinstance(side, nodes.Power):
        return value_in_norms(side.base, cell) ** side.exponent
    if isinstance(side, nodes.Scale | HadamardProduct | MatMul):
        parts = [value_in_norms(a, cell) if isinstance(a, MatrixExpr) else a for a in side.args]
        return reduce(mul, parts)
    if isinstance(side, MatAdd):
        return reduce(add, [value_in_norms(a, cell) for a in side.args])
    if isinstance(side, nodes.Quotient):
        return value_in_norms(side.numerator, cell) / value_in_norms(side.denominator, cell)
    if isinstance(side, nodes.TimeProduct | nodes.TimeSum):
        return over_range(value_in_norms(substitute(side.body, {side.index: SOME}), cell), side)
    raise NoBound


def _norm_value(inner: MatrixExpr, cell: Cell) -> Expr:
    """The norm of a leaf; a gradient that is given by one leaf is that."""
    core = inner.arg if isinstance(inner, Transpose) else inner
    if isinstance(core, Adjoint):
        cases = _gradient(cell, core, None)
        value = cases[0].value if len(cases) == 1 else core
        value = value.arg if isinstance(value, Transpose) else value
        core = value if isinstance(value, nodes.MapPartial) else core
    if isinstance(core, Variable | nodes.MapPartial | Adjoint):
        return norm_of(core)
    raise NoBound
