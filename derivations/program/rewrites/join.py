"""Recurrences whose step is an affine map of all its states: s_t = A_t s_{t−1} + b_t.

Every adjoint recurrence is one, and so is a forward pass that is linear in its states. Two steps
are one step again, with A_t A_{t−1} and A_t b_{t−1} + b_t, so all states are found in log T rounds.
A_t is the Jacobian of a step in its states, one below the other, with a slot for each delay; it is
found by the rules for tangents, and the recurrence stays a loop where no rule makes it a matrix.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Expr
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.forward import jvp
from derivations.calculus.linear import coefficient
from derivations.calculus.reverse import selector
from derivations.calculus.states import simplify_zeros
from derivations.errors import MissingRule
from derivations.expressions import build
from derivations.expressions.nodes import (
    Commutation,
    Diag,
    Diagonalizer,
    DirectSum,
    Kron,
    MapPartial,
    Tangent,
    Variable,
)
from derivations.expressions.traverse import contains, map_leaves, nodes_in, operands
from derivations.program.blocks import Block, Choice, Joined, Loop, Whole
from derivations.program.rewrites.jacobians import sliced
from derivations.program.rewrites.naming import Values, added
from derivations.program.schedule import Program, depends_on, schedule
from derivations.program.values import Term, Value

Slot = tuple[str, int]
"""A state, and how many steps back it is read."""

NEVER_FORMED = (Commutation, Diagonalizer, DirectSum, Kron, MapPartial)
"""Factors of a Jacobian that code applies, but has no array for."""


LARGEST = 5_000
"""Nodes of a formula that is still joined: paths through many layers of a step multiply."""


def joined(program: Program) -> Program:
    """The program with a choice in place of each loop whose steps can be joined."""
    return replace(program, blocks=tuple(_block(b, program) for b in program.blocks))


def _block(block: Block, program: Program) -> Block:
    if not isinstance(block, Loop):
        return block
    values = program.values
    columns = all(values[name].target.shape[1] == 1 for name in block.delays)
    along = all(values[n].ranges == (block.over,) and values[n].batched for n in block.names)
    if not columns or not along:
        return block
    try:
        return _Joining(block, program).choice() or block
    except MissingRule:
        return block  # no rule makes its step a matrix


class _Joining:
    """One loop.

    Attributes:
        values: those of the program, and what the joined form adds or computes otherwise.
        slots: the states with their delays, in the order in which they stand below one another.
    """

    def __init__(self, loop: Loop, program: Program) -> None:
        self._loop, self._program = loop, program
        self.values: Values = {name: replace(v) for name, v in program.values.items()}
        self.slots = tuple(
            (name, lag) for name, delay in loop.delays.items() for lag in range(1, delay + 1)
        )
        self._whole = {
            n: build.add(*(t.value for t in self.values[n].terms)) for n in self._loop.names
        }

    def choice(self) -> Choice | None:
        """The loop beside its joined form; ``None`` where it has none.

        Raises:
            MissingRule: no rule makes its step a matrix.
        """
        by = self._jacobian()
        if by is None or isinstance(by, Diag | Identity) or build.is_scalar(by):
            return None  # entry by entry: another rewrite's
        known = set(self.values)
        by = sliced(by, self.values, self._owner)
        stem = self.slots[0][0]
        over, role = self._owner.ranges, self._owner.role
        matrix = added(self.values, f"{stem}_by", by, over, role, True)
        plus = self._array(f"{stem}_plus", self._constant_part())
        name = stem
        if len(self.slots) > 1:
            name = self._array(f"{stem}_states", plus).name
            self.values[name].edges = {(0, self._origin): None}
        stack = self.values[name].target
        recurrence = build.add(build.matmul(matrix, stack.at([self._before.steps[0]])), plus)
        self.values[name].terms = (Term(recurrence),)
        heights = [self._rows(slot) for slot in self.slots]
        for place, (state, lag) in enumerate(self.slots):
            if lag == 1 and state != name:
                picked = build.matmul(selector(heights, place), stack)
                self.values[state].terms = (Term(picked),)
        found = Joined(
            name, matrix.name, plus.name, self.slots, sum(heights, start=heights[0] * 0),
            self._loop.over, self._loop.forward,
        )  # fmt: skip
        blocks = self._blocks(found, set(self.values) - known)
        return Choice(self._loop, blocks, self.values) if blocks else None

    @property
    def _owner(self) -> Value:
        return self.values[self.slots[0][0]]

    @property
    def _before(self) -> Variable:
        """The first state at the step before."""
        return self._leaf(self.slots[0][0], 1)

    @property
    def _origin(self) -> Expr:
        """The time before the first step that is computed."""
        over = self._loop.over
        return (over.lower - 1 if self._loop.forward else over.upper + 1).expand()

    def _leaf(self, state: str, lag: int) -> Variable:
        index = self._loop.index
        return self.values[state].target.at([index - lag if self._loop.forward else index + lag])

    def _rows(self, slot: Slot) -> Expr:
        """How many entries a slot has."""
        return self.values[slot[0]].target.shape[0]

    def _array(self, name: str, node: MatrixExpr) -> Variable:
        """A value over all steps, even where the same stands at each of them."""
        owner = self._owner
        leaf = added(self.values, name, node, owner.ranges, owner.role, True)
        whole = Variable(leaf.name, owner.target.steps, *node.shape)
        self.values[leaf.name] = replace(
            self.values[leaf.name], target=whole, ranges=owner.ranges, batched=True
        )
        return whole

    def _jacobian(self) -> MatrixExpr | None:
        """A_t; ``None`` where the step is no affine map of its states."""
        found: dict[str, dict[Slot, MatrixExpr]] = {}
        for name in self._loop.names:
            moved = self._tangent(self._whole[name])
            found[name] = {slot: self._coefficient(moved, slot, found) for slot in self.slots}
            for matrix in found[name].values():
                if _size(matrix) > LARGEST:
                    return None
                read = {leaf.name for leaf in nodes_in(matrix, Variable)}
                if read & set(self._loop.names) or contains(matrix, *NEVER_FORMED):
                    return None
        grid = []
        for state, lag in self.slots:
            if lag == 1:
                grid.append([found[state][slot] for slot in self.slots])
                continue
            rows = self._rows((state, lag))
            grid.append(
                [
                    Identity(rows) if slot == (state, lag - 1)
                    else build.zeros((rows, self._rows(slot)))
                    for slot in self.slots
                ]
            )  # fmt: skip
        return build.blocks(grid)

    def _coefficient(
        self, moved: MatrixExpr, slot: Slot, found: dict[str, dict[Slot, MatrixExpr]]
    ) -> MatrixExpr:
        width = self._rows(slot)

        def of_slot(leaf: Tangent) -> MatrixExpr:
            if leaf.steps == tuple(self.values[leaf.name].target.steps):
                return found[leaf.name][slot]
            same = (leaf.name, leaf.steps) == (slot[0], self._leaf(*slot).steps)
            return Identity(width) if same else build.zeros((leaf.shape[0], width))

        if not contains(moved, Tangent):
            return build.zeros((moved.shape[0] * moved.shape[1], width))
        return coefficient(moved, of_slot)

    def _tangent(self, node: MatrixExpr) -> MatrixExpr:
        """How an expression changes with the loop's values; what reads none is left alone."""
        if isinstance(node, Variable):
            return Tangent(node) if node.name in self._whole else build.zeros(node.shape)
        if not any(leaf.name in self._whole for leaf in nodes_in(node, Variable)):
            return build.zeros(node.shape)
        return jvp(node, tuple(map(self._tangent, operands(node))))

    def _constant_part(self) -> MatrixExpr:
        """b_t: the step of states that are zero."""
        found: dict[str, MatrixExpr] = {}

        def at_zero(leaf: MatrixExpr) -> MatrixExpr:
            if not isinstance(leaf, Variable) or leaf.name not in self._whole:
                return leaf
            own = leaf.steps == self.values[leaf.name].target.steps
            return found[leaf.name] if own else build.zeros(leaf.shape)

        for name in self._loop.names:
            found[name] = simplify_zeros(map_leaves(self._whole[name], at_zero))
            if _size(found[name]) > LARGEST:
                raise MissingRule("joining", f"{name}, which has too many terms")
        return build.blocks(
            [found[state] if lag == 1 else build.zeros((self._rows((state, lag)), 1))]
            for state, lag in self.slots
        )

    def _blocks(self, found: Joined, new: set[str]) -> tuple[Whole | Joined, ...] | None:
        """What computes all that anyone reads of the loop; ``None`` where another loop stays."""
        program, names = self._program, set(self._loop.names)
        outside = [n for b in program.blocks if b != self._loop for n in b.names]
        read = {n for name in outside for n in depends_on(program.values, name)}
        wanted = names & (read | program.asked | set(self._loop.delays))
        blocks: list[Whole | Joined] = []
        for block in schedule(self.values, wanted).blocks:
            if isinstance(block, Loop) and block.names == (found.name,):
                blocks.append(found)
            elif isinstance(block, Whole) and block.name in names | new:
                blocks.append(block)
            elif names & set(block.names):
                return None
        return tuple(blocks)


@lru_cache(maxsize=1 << 14)
def _size(node: MatrixExpr) -> int:
    """How many nodes a formula has, written out."""
    return 1 + sum(map(_size, operands(node)))
