"""The stacked state of a recurrent group and its one-step Jacobian.

The states of a group are the variables that it reads at another step; with delays, one slot per
delay (the companion form). J_t is the Jacobian of the stack at t with respect to the stack one
step before (after, for a group that runs backward), everything in between eliminated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import Alternative, expand
from derivations.calculus.linear import coefficient
from derivations.calculus.tidy import own_index
from derivations.cell import Cell, Definition, Range
from derivations.errors import GradproofError
from derivations.expressions import build
from derivations.expressions.nodes import Tangent, TimeProduct
from derivations.expressions.traverse import contains, map_leaves, operands, substitute


class NoClosedForm(GradproofError):
    """The group has no closed form of the kinds this tool knows; the message says why."""


@dataclass(frozen=True)
class Slot:
    """``name`` as it was ``lag`` steps before; lag 0 is the present."""

    name: str
    lag: int


@dataclass
class Group:
    """A recurrent group of variables along one axis.

    Attributes:
        names: its variables, in the order of the equations.
        states: those that are read at another step, with the largest delay of each.
        forward: whether it reads the past (else the future).
        index, end: the axis.
        start: the step at which its equations begin to hold: 1 (or the end, for a group that reads
            the future) unless the steps before it have equations of their own.
    """

    cell: Cell
    tangents: dict[str, Definition]
    names: tuple[str, ...]
    states: dict[str, int]
    forward: bool
    index: Symbol
    end: Symbol
    start: Expr

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The stack, state by state, present first."""
        return tuple(Slot(name, lag) for name, d in self.states.items() for lag in range(d))

    def extent(self, name: str) -> Expr:
        """Length of vec(variable)."""
        rows, cols = self.cell.templates[name].shape
        return rows * cols

    def earlier(self, steps: int) -> Expr:
        """The time that lies ``steps`` steps upstream of the generic index."""
        return self.index - steps if self.forward else self.index + steps

    def within(self, leaf: MatrixExpr) -> bool:
        """Whether a tangent belongs to this group at the generic step itself."""
        return leaf.name in self.names and self.index in leaf.steps

    @cached_property
    def step(self) -> MatrixExpr:
        """J at the generic index: (stack) × (stack one step upstream)."""
        slots = self.slots
        rows = []
        for row in slots:
            if row.lag:
                source = Slot(row.name, row.lag - 1)
                rows.append(
                    [
                        Identity(self.extent(row.name))
                        if column == source
                        else build.zeros((self.extent(row.name), self.extent(column.name)))
                        for column in slots
                    ]
                )
            else:
                rows.append([self._block(row.name, column) for column in slots])
        return build.blocks(rows)

    def _block(self, name: str, column: Slot) -> MatrixExpr:
        """∂(state at t)/∂(slot one step upstream), the other slots fixed."""
        seed_at = self.earlier(column.lag + 1)

        def resolve(leaf: MatrixExpr) -> Definition | None:
            return self.tangents[leaf.name] if self.within(leaf) else None

        def only_seed(leaf: MatrixExpr) -> MatrixExpr:
            if not isinstance(leaf, Tangent):
                return leaf
            wanted = leaf.name == column.name and leaf.steps == (seed_at,)
            return leaf if wanted else build.zeros(leaf.shape)

        template = Tangent(self.cell.templates[name])
        shape = (self.extent(name), self.extent(column.name))
        terms = []
        for alternative in self._in_range(expand(template, resolve)):
            value = simplify_zeros(map_leaves(alternative.value, only_seed))
            if contains(value, Tangent):
                terms.append(coefficient(value, lambda leaf: Identity(shape[1])))
        return build.add(build.zeros(shape), *terms)

    def _in_range(self, alternatives: list[Alternative]) -> list[Alternative]:
        """Without the pieces that hold at one time only (initial values)."""
        return [
            a for a in alternatives if not any(r.pinned and r.index == self.index for r in a.domain)
        ]

    def propagator(self, start: Expr, stop: Expr) -> MatrixExpr:
        """∂(stack at ``stop``)/∂(stack at ``start``), an ordered product of step Jacobians."""
        lower, upper = (start + 1, stop) if self.forward else (stop, start - 1)
        index = own_index("j", self.cell, self.step, build.constant(start), build.constant(stop))
        body = substitute(self.step, {self.index: index})
        return TimeProduct(body, index, lower, upper, self.forward)

    def stack(self, given: dict[str, MatrixExpr], cols: Expr, lag: int = 0) -> MatrixExpr:
        """A block column: the given blocks in the slots of one lag, zeros elsewhere."""
        return build.blocks(
            [
                given.get(slot.name, build.zeros((self.extent(slot.name), cols)))
                if slot.lag == lag
                else build.zeros((self.extent(slot.name), cols))
            ]
            for slot in self.slots
        )

    @property
    def origin(self) -> Expr:
        """The time before the first step: where initial values lie."""
        return self.start - 1 if self.forward else self.start + 1

    @property
    def reach(self) -> Range:
        """The times at which its equations hold."""
        ends = (self.start, self.end) if self.forward else (Integer(1), self.start)
        return Range(self.index, *ends)

    def lag_at(self, time: Expr) -> int | None:
        """How many steps before the origin a time lies; ``None`` if it does not (or may not)."""
        gap = self.origin - time if self.forward else time - self.origin
        return int(gap) if gap.is_Integer and gap >= 0 else None

    def pick(self, name: str, lag: int = 0) -> MatrixExpr:
        """The 0/1 block row that takes one slot of ``name`` out of the stack."""
        return build.blocks(
            [
                [
                    Identity(self.extent(name))
                    if slot == Slot(name, lag)
                    else build.zeros((self.extent(name), self.extent(slot.name)))
                    for slot in self.slots
                ]
            ]
        )

    def same_step(self, name: str) -> MatrixExpr:
        """∂(stack at t)/∂(``name`` at t): the variable's own effect on the present states."""
        target = self.cell.templates[name]

        def resolve(leaf: MatrixExpr) -> Definition | None:
            stays = leaf.name == name or not self.within(leaf)
            return None if stays else self.tangents[leaf.name]

        def only_seed(leaf: MatrixExpr) -> MatrixExpr:
            if not isinstance(leaf, Tangent) or leaf == Tangent(target):
                return leaf
            return build.zeros(leaf.shape)

        width = self.extent(name)
        blocks: dict[str, MatrixExpr] = {}
        for state in self.states:
            terms = []
            for a in self._in_range(expand(Tangent(self.cell.templates[state]), resolve)):
                value = simplify_zeros(map_leaves(a.value, only_seed))
                if contains(value, Tangent):
                    terms.append(coefficient(value, lambda leaf: Identity(width)))
            blocks[state] = build.add(build.zeros((self.extent(state), width)), *terms)
        return self.stack(blocks, width)


@lru_cache(maxsize=1 << 14)
def simplify_zeros(expr: MatrixExpr) -> MatrixExpr:
    """Rebuild with the constructors, so that zero leaves vanish."""
    from derivations.calculus.expand import rebuilt
    from derivations.expressions.nodes import Blocks, TimeSum

    if not isinstance(expr, MatrixExpr) or not operands(expr):
        return expr
    parts = tuple(simplify_zeros(part) for part in operands(expr))
    if isinstance(expr, TimeSum) and build.is_zero(parts[0]):
        return parts[0]
    if isinstance(expr, Blocks):
        width = expr.across
        return build.blocks(parts[i * width : (i + 1) * width] for i in range(expr.down))
    return rebuilt(expr, parts)
