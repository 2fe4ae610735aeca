"""Between what numbers every entry of an expression lies, by one rule for each kind of node.

What no rule speaks of may be anything, which is always true. Variables are what their equations
say; a state that stands in its own equation may be anything, or what a hypothesis says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce, singledispatchmethod
from typing import Any

from sympy import Expr, S, Symbol
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition
from derivations.expressions import build, nodes
from derivations.expressions.nodes import Apply, Constant, Variable
from derivations.expressions.traverse import substitute
from derivations.functions import lookup
from verify.inequalities.enclosures import slopes_of, values_of
from verify.inequalities.numbers import never_zero
from verify.inequalities.shares import averaged, complementary, is_share, terms_of
from verify.inequalities.spans import (
    ANY,
    NONNEGATIVE,
    POSITIVE,
    UNIT,
    ZERO,
    Span,
    Undecided,
    at_most,
    single,
)

Hypothesis = Callable[[Variable], Span | None]
DEEPEST = 60
"""Equations inside one another that are followed."""
OFTEN = 2
"""How often one variable may stand among them, at another step each time."""


def _nothing(variable: Variable) -> Span | None:
    return None


@dataclass
class Ranges:
    """Spans of expressions about a cell.

    Attributes:
        later: times as the first one plus what is never negative.
        hypothesis: what is known of a variable at a step, if anything.
    """

    cell: Cell
    later: Mapping[Symbol, Expr]
    hypothesis: Hypothesis = _nothing
    _inside: list[str] = field(default_factory=list)
    _known: dict[Variable, Span] = field(default_factory=dict)

    def of(self, node: MatrixExpr) -> Span:
        """The span of every entry."""
        try:
            return self._of(node)
        except Undecided:
            return ANY

    def number(self, value: Expr) -> Expr:
        """An index expression or a size in symbols that are never negative."""
        return value.subs(self.later).expand()

    @singledispatchmethod
    def _of(self, node: Any) -> Span:
        """Anything, for a kind that no rule speaks of."""
        return ANY

    @_of.register
    def _(self, node: Constant) -> Span:
        return single(self.number(node.value))

    @_of.register
    def _(self, node: ZeroMatrix) -> Span:
        return ZERO

    @_of.register
    def _(self, node: Identity) -> Span:
        return UNIT

    @_of.register
    def _(self, node: Variable) -> Span:
        known = self.hypothesis(node)
        if known is not None:
            return known
        if node.name in self.cell.distributions:
            return UNIT
        definition = self.cell.defined.get(node.name)
        if definition is None or len(self._inside) > DEEPEST:
            return ANY
        if self._inside.count(node.name) >= OFTEN:
            return ANY
        if node not in self._known:
            self._inside.append(node.name)
            self._known[node] = self._by_equation(node, definition)
            self._inside.pop()
        return self._known[node]

    def _by_equation(self, node: Variable, definition: Definition) -> Span:
        """What the one piece says that applies; anything where several may, or none."""
        there = dict(zip(definition.target.steps, node.steps, strict=True))
        for piece in definition.pieces:
            inside = [self._within(r.lower, there.get(r.index), r.upper) for r in piece.domain]
            if all(one is True for one in inside):
                return self.of(substitute(piece.value, there))
            if all(one is not False for one in inside):
                return ANY
        return ANY

    def _said(self, node: MatrixExpr) -> MatrixExpr:
        """An expression, or a variable as the one piece of its equation says."""
        definition = self.cell.defined.get(node.name) if isinstance(node, Variable) else None
        if definition is None or len(definition.pieces) != 1:
            return node
        there = dict(zip(definition.target.steps, node.steps, strict=True))
        return substitute(definition.pieces[0].value, there)

    def _within(self, low: Expr, step: Expr | None, high: Expr) -> bool | None:
        """Whether a step lies in a range; None where that depends."""
        if step is None:
            return None
        below = self.number(step - low)
        if below.is_negative:
            return False
        pinned = low == high
        if not below.is_nonnegative:
            return None
        above = self.number(high - step)
        if above.is_negative:
            return False
        return None if pinned and not above.is_nonnegative else True

    @_of.register
    def _(self, node: Transpose) -> Span:
        return self.of(node.arg)

    @_of.register(nodes.Entry)
    @_of.register(nodes.Vec)
    def _(self, node: MatrixExpr) -> Span:
        return self.of(node.matrix)

    @_of.register
    def _(self, node: nodes.Unvec) -> Span:
        return self.of(node.vector)

    @_of.register
    def _(self, node: nodes.Diag) -> Span:
        return self.of(node.vector).hull(ZERO)

    @_of.register
    def _(self, node: nodes.Blocks) -> Span:
        return reduce(Span.hull, map(self.of, node.blocks))

    @_of.register
    def _(self, node: nodes.Softmax) -> Span:
        """A share; the whole if there is one entry only."""
        return Span(S.Zero, S.One, True, self._several(node.shape[0] * node.shape[1]))

    @_of.register
    def _(self, node: nodes.LogSoftmax) -> Span:
        return POSITIVE.negated.hull(ZERO)

    @_of.register(nodes.SpectralNorm)
    @_of.register(nodes.SmallestSingular)
    def _(self, node: MatrixExpr) -> Span:
        return NONNEGATIVE

    @_of.register
    def _(self, node: MatAdd) -> Span:
        """A sum; x a + (1 − x) b with x between 0 and 1 lies between a and b."""
        found = reduce(Span.__add__, map(self.of, node.args))
        for one, other in complementary(node):
            weight = self.of(one.weight)
            if at_most(S.Zero, weight.low) and at_most(weight.high, S.One):
                return self.of(one.value).hull(self.of(other.value)).common(found)
        return found

    @_of.register(HadamardProduct)
    @_of.register(nodes.Scale)
    def _(self, node: MatrixExpr) -> Span:
        counted: dict[MatrixExpr, int] = {}
        for part in node.args:
            counted[part] = counted.get(part, 0) + 1
        return reduce(Span.__mul__, (self._power(part, n) for part, n in counted.items()))

    def _power(self, base: MatrixExpr, exponent: int) -> Span:
        """The span of a whole power; of a number that is not zero, even ones are positive."""
        found = self.of(base).power(exponent)
        if found.low == 0 and not found.open_low and never_zero(base, self.number):
            return replace(found, open_low=True)
        return found

    @_of.register
    def _(self, node: MatMul) -> Span:
        """A sum of products; of a vector with itself, of squares; with shares, a mean."""
        left, *rest = node.args
        right = rest[0] if len(rest) == 1 else MatMul(*rest)
        for shares, values, across in ((left, right, left.shape[0]), (right, left, right.shape[1])):
            inner = shares.arg if isinstance(shares, Transpose) else shares
            if across == 1 and isinstance(self._said(inner), nodes.Softmax):
                return self.of(values)
        terms = single(self.number(left.shape[1]))
        if node.shape == (1, 1) and build.transpose(left) == right:
            return self.of(right).square * terms
        return self.of(left) * self.of(right) * terms

    @_of.register
    def _(self, node: nodes.Quotient) -> Span:
        """A quotient of what is positive; of a sum of such and one of its terms, a share."""
        above, below = self.of(node.numerator), self.of(node.denominator)
        if is_share(node, lambda part: at_most(S.Zero, self.of(part).low), self._has):
            some = (above.low == 0 and above.open_low) or bool(above.low.is_positive)
            return Span(S.Zero, S.One, some, some and self._several(terms_of(node.denominator)))
        return above * below.inverse

    def _several(self, count: Expr) -> bool:
        """Whether a number of entries or terms is 2 or more."""
        return bool(self.number(count - 2).is_nonnegative)

    def _has(self, total: nodes.TimeSum, step: Expr) -> bool:
        """Whether a step is one of those that a sum over time runs over."""
        ends = {axis.upper for axis in self.cell.axes}
        last = total.upper in ends or self.number(total.upper - step).is_nonnegative
        return bool(last) and self._within(total.lower, step, total.upper) is True

    @_of.register
    def _(self, node: nodes.Power) -> Span:
        base = self.of(node.base)
        exponent = node.exponent
        if exponent.is_Integer and 0 <= exponent <= 8:
            return self._power(node.base, int(exponent))
        if base.low == 0 and base.open_low:
            return POSITIVE
        return NONNEGATIVE if at_most(S.Zero, base.low) else ANY

    @_of.register
    def _(self, node: nodes.TimeSum) -> Span:
        """As many terms as there are; of shares of one whole times values, a mean of these."""
        along = Symbol(f"along {node.index}", integer=True, nonnegative=True)
        here = {node.index: node.lower + along}
        count = self.number(node.upper - node.lower + 1)
        for share, value in averaged(node, self._said):
            if at_most(S.Zero, self.of(substitute(share.numerator, here)).low):
                mean = self.of(substitute(value, here))
                return mean if count.is_positive else mean.hull(ZERO)
        body = self.of(substitute(node.body, here))
        if count.is_positive:
            return body * single(count)
        return (body * (single(count) if count.is_nonnegative else NONNEGATIVE)).hull(ZERO)

    @_of.register
    def _(self, node: nodes.TimeProduct) -> Span:
        if node.shape != (1, 1):
            return ANY
        body = self.of(node.body)
        if at_most(body.size.high, S.One):
            return UNIT if at_most(S.Zero, body.low) else Span(-S.One, S.One)
        return NONNEGATIVE if at_most(S.Zero, body.low) else ANY

    @_of.register
    def _(self, node: Apply) -> Span:
        row = lookup(node.function)
        if row is None:
            return ANY
        if sum(node.orders):
            return slopes_of(row, node)
        return values_of(row, [self.of(argument) for argument in node.arguments])
