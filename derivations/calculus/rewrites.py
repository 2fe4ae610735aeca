"""Named rewrites: each row is a pattern with its condition, a result, and a reason.

Rewrites change how a formula looks, never what it is; the test of this table evaluates both
sides of every use of every row. The names of the rows used are printed in a derivation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Function, Mul, Pow
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import rebuilt
from derivations.cell import Cell, Range
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    Blocks,
    Constant,
    Entry,
    Quotient,
    Scale,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import operands, with_operands
from derivations.functions import lookup

Rule = Callable[[MatrixExpr, Cell], MatrixExpr | None]
LONGEST_SLOPE = 3
"""Operations of a slope that is printed in place of its name."""
Rewritten = tuple[MatrixExpr, frozenset[str]]


@dataclass(frozen=True)
class Rewrite:
    """``apply(node, cell)`` is the rewritten node, or ``None`` where the row does not apply."""

    name: str
    why: str
    apply: Rule


def _slope_through_value(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, Apply) or node.orders != (1,):
        return None
    row = lookup(node.function)
    if row is None or not row.slope_in_value:
        return None
    value = _value_of(node, cell)
    if value is None:
        return None
    from sympy import Symbol

    y = Symbol("y", real=True)
    return _from_scalar(row.slope(Symbol("x", real=True), y), y, value)


def _slope_in_the_argument(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, Apply) or node.orders != (1,):
        return None
    row = lookup(node.function)
    if row is None or row.slope_in_value or row.kinks():
        return None
    from sympy import Symbol

    x, y = Symbol("x", real=True), Symbol("y", real=True)
    slope = row.slope(x, y)
    if not isinstance(slope, Expr) or slope.has(y) or slope.count_ops() > LONGEST_SLOPE:
        return None
    return _from_scalar(slope, x, node.arguments[0])


def _value_of(slope: Apply, cell: Cell) -> MatrixExpr | None:
    """The value whose slope this is, if the forward pass computes it: by name, or as it stands."""
    unprimed = Apply(slope.args[0], (0,), *slope.arguments)
    argument = slope.arguments[0]
    if not isinstance(argument, Variable):
        return None
    generic = Apply(slope.args[0], (0,), cell.templates[argument.name])
    here = dict(zip(cell.templates[argument.name].steps, argument.steps, strict=True))
    for definition in cell.definitions:
        values = {p.value for p in definition.pieces if _may_hold(p.domain, here)}
        if values == {generic} and set(definition.target.steps) == set(here):
            return definition.target.at([s.xreplace(here) for s in definition.target.steps])
    seen = any(p.value.has(generic) for d in cell.definitions for p in d.pieces)
    return unprimed if seen else None


def _may_hold(domain: tuple[Range, ...], steps: Mapping[Expr, Expr]) -> bool:
    """Whether a piece may apply at some of these steps: not where a number says otherwise."""
    for r in domain:
        step = steps.get(r.index, r.index)
        for gap in (step - r.lower, r.upper - step):
            if gap.is_number and gap < 0:
                return False
    return True


def _from_scalar(expr: Expr, y: Expr, value: MatrixExpr) -> MatrixExpr | None:
    """A scalar formula in y (``y*(1 - y)``) as an elementwise expression in a value for it."""
    if expr == y:
        return value
    if not expr.has(y):
        return None if expr.has(AppliedUndef) else build.constant(expr, *value.shape)
    if isinstance(expr, Pow) and expr.exp.is_number:
        base = _from_scalar(expr.base, y, value)
        if base is None:
            return None
        if expr.exp == 2:
            return build.hadamard(base, base)
        if expr.exp == -1:
            return Quotient(build.ones(*base.shape), base)
        return build.power(base, expr.exp)
    if isinstance(expr, Add | Mul):
        parts = [_from_scalar(arg, y, value) for arg in _reading_order(expr)]
        if None in parts:
            return None
        join = build.add if isinstance(expr, Add) else build.hadamard
        return join(*parts)
    if isinstance(expr, AppliedUndef | Function) and len(expr.args) == 1:
        inner = _from_scalar(expr.args[0], y, value)
        known = lookup(expr.func.__name__)
        return build.apply(known.name, (0,), inner) if known and inner is not None else None
    return None


def _reading_order(expr: Expr) -> list[Expr]:
    """``1 - y`` with the number first, ``y (1 - y)`` with the letter first."""
    if isinstance(expr, Add):
        return sorted(expr.args, key=lambda a: (not a.is_number, str(a)))
    return sorted(expr.args, key=lambda a: (isinstance(a, Add), str(a)))


def _exp_is_its_slope(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if isinstance(node, Apply) and node.function == "exp" and any(node.orders):
        return Apply(node.args[0], (0,) * len(node.orders), *node.arguments)
    return None


def _distribution_sums_to_one(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, MatMul) or len(node.args) != 2 or not build.is_scalar(node):
        return None
    left, right = node.args
    summed = isinstance(left, Constant) and isinstance(right, Variable)
    if summed and right.name in cell.distributions:
        return build.constant(left.value)
    return None


def _entry_of_sum(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, Entry):
        return None
    inner, place = node.matrix, (node.row, node.col)
    if isinstance(inner, TimeSum):
        return TimeSum(build.entry(inner.body, *place), *inner.args[1:])
    if isinstance(inner, MatAdd):
        return build.add(*(build.entry(term, *place) for term in inner.args))
    if isinstance(inner, Scale):
        return build.scale(inner.scalar, build.entry(inner.matrix, *place))
    if isinstance(inner, HadamardProduct):
        return build.hadamard(*(build.entry(factor, *place) for factor in inner.args))
    if isinstance(inner, Transpose):
        return build.entry(inner.arg, node.col, node.row)
    if isinstance(inner, Constant):
        return build.constant(inner.value)
    return None


def _entry_of_outer_product(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, Entry) or not isinstance(node.matrix, MatMul):
        return None
    left, right = build.matmul(*node.matrix.args[:-1]), node.matrix.args[-1]
    if right.shape[0] != 1:
        return None
    return build.scale(build.entry(left, node.row, 1), build.entry(right, 1, node.col))


def _equal_terms(node: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    if not isinstance(node, MatAdd):
        return None
    counts = Counter(node.args)
    if len(counts) == len(node.args):
        return None
    return build.add(*(build.scale(build.constant(count), term) for term, count in counts.items()))


REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        "slope through the value",
        "the forward pass has the value already, and the slope is a formula in it",
        _slope_through_value,
    ),
    Rewrite(
        "slope in the argument",
        "the slope is a short formula in the argument",
        _slope_in_the_argument,
    ),
    Rewrite("equal terms gathered", "a term that comes twice counts twice", _equal_terms),
    Rewrite("exp is its own slope", "d exp(x)/dx = exp(x)", _exp_is_its_slope),
    Rewrite(
        "a distribution sums to one",
        "the targets of a cross-entropy are probabilities: 1ᵀy = 1",
        _distribution_sums_to_one,
    ),
    Rewrite("entry of a sum", "an entry of a sum is the sum of the entries", _entry_of_sum),
    Rewrite(
        "entry of an outer product",
        "entry (i, j) of a bᵀ is a_i b_j",
        _entry_of_outer_product,
    ),
)
"""Every rewrite."""


class Rewriter:
    """Applies rows wherever they apply in a cell's formulas, parts before wholes.

    Derivatives repeat whole subexpressions, in one formula and from one to the next; each is
    looked at once.
    """

    def __init__(self, cell: Cell, rows: Iterable[Rewrite] = REWRITES) -> None:
        self._cell, self._rows = cell, tuple(rows)
        self._done: dict[MatrixExpr, Rewritten] = {}

    def __call__(self, expr: MatrixExpr) -> Rewritten:
        """The rewritten expression, and the names of the rows used."""
        if expr not in self._done:
            self._done[expr] = self._step(expr)
        return self._done[expr]

    def value(self, expr: MatrixExpr) -> MatrixExpr:
        """The rewritten expression alone."""
        return self(expr)[0]

    def _step(self, node: MatrixExpr) -> Rewritten:
        for row in self._rows:
            found = row.apply(node, self._cell)
            if found is not None:
                value, names = self(found)
                return value, names | {row.name}
        parts = operands(node)
        visited = [self(part) for part in parts]
        changed = tuple(value for value, _ in visited)
        names = frozenset[str]().union(*(used for _, used in visited))
        if changed == parts:
            return node, names
        if isinstance(node, Blocks | TimeSum):
            return with_operands(node, changed), names
        again = rebuilt(node, changed)
        if again == node:
            return node, names
        value, more = self(again)
        return value, names | more
