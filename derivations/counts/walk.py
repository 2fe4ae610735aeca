"""Counting over one generic step: every operation of some equations once, by the loop it is in.

What an operation depends on says how often it runs: on t, once for each step t; on t and s, once
for each pair; on neither, once for the whole sequence. The same operation one step later is the
same operation, and a sum over a whole axis is work done at each step of that axis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Axis, Definition
from derivations.counts.formula import Count
from derivations.counts.operations import work
from derivations.expressions.nodes import DirectSum, MapPartial, TimeProduct, TimeSum
from derivations.expressions.traverse import BINDERS, LEAVES, occurrences, operands, substitute

Scope = frozenset[Symbol]
"""The indices of the axes on which something depends."""


@dataclass
class Tally:
    """Operations of one scope."""

    multiply_adds: list[Expr] = field(default_factory=list)
    functions: list[Expr] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> tuple[Count, Count]:
        """Multiply-adds and function values, what grows fastest first."""
        return Count.sorted(self.multiply_adds), Count.sorted(self.functions)


@dataclass(frozen=True)
class Loop:
    """A sum around an operation: over a whole axis, or over ``turns`` of its index."""

    axis: Axis | None
    turns: Expr


class Walk:
    """Counts what some expressions take, each distinct operation once.

    Args:
        axes: the axes of the cell.
        keep: called with every subexpression; true if its value is at hand, so that neither it
            nor what it is computed from is counted.

    Attributes:
        tallies: what has been counted, by scope.
        seen: every subexpression that was counted, at its generic step.
    """

    def __init__(
        self, axes: Iterable[Axis], keep: Callable[[MatrixExpr], bool] = lambda node: False
    ) -> None:
        self._axes = {axis.index: axis for axis in axes}
        self._keep = keep
        self.tallies: dict[Scope, Tally] = {}
        self.seen: dict[MatrixExpr, None] = {}

    def count(self, value: MatrixExpr) -> None:
        """Count the operations of one right side."""
        self._visit(value, {})

    def scope(self, node: MatrixExpr) -> Scope:
        """The axes on which a subexpression depends."""
        return free_indices(node).intersection(self._axes)

    def _visit(self, node: MatrixExpr, loops: Mapping[Symbol, Loop]) -> None:
        node, loops = self._generic(node, loops)
        if node in self.seen or self._keep(node):
            return
        self.seen[node] = None
        if isinstance(node, LEAVES):
            return
        inside = loops
        if isinstance(node, BINDERS):
            inside = {**loops, node.index: self._loop(node)}
        # The derivative of a map is taken at its arguments, not at its value.
        for part in operands(node.map if isinstance(node, MapPartial) else node):
            self._visit(part, inside)
        if isinstance(node, TimeSum | TimeProduct):
            # Of its own operation there is one for each turn.
            turn, inside = self._generic(node.body, inside)
            self._charge(node, self.scope(turn), inside, free_indices(turn))
        else:
            self._charge(node, self.scope(node), loops, free_indices(node))

    def _loop(self, node: TimeSum | TimeProduct | DirectSum) -> Loop:
        turns = (node.upper - node.lower + 1).expand()
        for axis in self._axes.values():
            if node.lower.is_number and (node.upper - axis.upper).is_number:
                return Loop(axis, turns)
        return Loop(None, turns)

    def _generic(
        self, node: MatrixExpr, loops: Mapping[Symbol, Loop]
    ) -> tuple[MatrixExpr, Mapping[Symbol, Loop]]:
        """The node at its generic step, and the loops that still multiply it.

        A loop over a whole axis is that axis, unless the node also depends on the axis itself.
        """
        rest = dict(loops)
        for index, loop in loops.items():
            free = free_indices(node)
            if index not in free:
                rest.pop(index)
            elif loop.axis is not None and (
                index == loop.axis.index or loop.axis.index not in free
            ):
                node = substitute(node, {index: loop.axis.index})
                rest.pop(index)
        return shifted(node, self._axes), rest

    def _charge(
        self, node: MatrixExpr, scope: Scope, loops: Mapping[Symbol, Loop], free: frozenset[Symbol]
    ) -> None:
        found, turns = work(node), Integer(1)
        for index, loop in loops.items():
            if index in free:
                turns *= loop.turns
        tally = self.tallies.setdefault(scope, Tally())
        if found.multiply_adds != 0:
            tally.multiply_adds.append(found.multiply_adds * turns)
        if found.functions != 0:
            tally.functions.append(found.functions * turns)
        tally.calls.update(found.calls)


def free_indices(node: MatrixExpr) -> frozenset[Symbol]:
    """The symbols among the time steps of a subexpression that nothing inside it binds."""
    if isinstance(node, LEAVES):
        return _of_leaf(node)
    inside = frozenset[Symbol]().union(*map(free_indices, operands(node)))
    if isinstance(node, BINDERS):
        bounds = node.lower.free_symbols | node.upper.free_symbols
        return frozenset((inside - {node.index}) | bounds)
    own = getattr(node, "steps", ())
    return inside.union(*(step.free_symbols for step in own))


def _of_leaf(leaf: MatrixExpr) -> frozenset[Symbol]:
    return frozenset[Symbol]().union(*(step.free_symbols for step in leaf.steps))


def shifted(node: MatrixExpr, axes: Iterable[Symbol]) -> MatrixExpr:
    """The same operation at the step at which its latest operand is the generic one."""
    moves = {}
    for index in axes:
        gaps = [
            step - index
            for occurrence in occurrences(node)
            if all(binder.index != index for binder in occurrence.binders)
            for step in occurrence.leaf.steps
            if index in step.free_symbols
        ]
        if gaps and all(gap.is_Integer for gap in gaps) and max(gaps) != 0:
            moves[index] = index - max(gaps)
    return substitute(node, moves) if moves else node


def generic_values(definition: Definition) -> Iterable[MatrixExpr]:
    """The right sides of a definition; one that stands at a single time at that time."""
    for piece in definition.pieces:
        pinned = {r.index: r.lower for r in piece.domain if r.pinned}
        yield substitute(piece.value, pinned)
