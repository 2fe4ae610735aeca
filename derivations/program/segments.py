"""Segments of a sequence: a cell over some steps in the middle, with both of its ends given.

Checkpointing runs a sequence by segments and stores their starts only. Going back, it runs each
segment again from its start. The equations of a segment are those of the cell. Its first step is
given what the segment before ends with; the last step of its backward pass is given what the next
segment sends back. Nothing else crosses an end: a segment's derived program is that of the cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Axis, Cell, Definition, Piece, Range
from derivations.errors import MissingRule
from derivations.expressions import build
from derivations.expressions.node import made
from derivations.expressions.nodes import Constant, Map, Scale, TimeSum, Variable
from derivations.expressions.traverse import (
    BINDERS,
    contains,
    occurrences,
    operands,
    symbols_of,
    with_operands,
)
from derivations.program.domains import edge_name
from derivations.program.spans import gap
from derivations.program.values import APART, Value


@dataclass(frozen=True)
class Segments:
    """How a program runs over a part of the steps.

    Attributes:
        cell: the equations of one segment; its loss is the part that the segment adds.
        axis: the steps of one segment.
        whole: how many steps there are in all.
        before: how many come before the segment.
        last: one for the last segment, zero for the others.
    """

    cell: Cell
    axis: Axis
    whole: Symbol
    before: Symbol
    last: Symbol

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What is known of a segment when it runs."""
        return self.whole, self.before, self.last


def segmented(cell: Cell) -> Segments:
    """The equations of a segment.

    Raises:
        MissingRule: something in the cell that no segment can have; it is named.
    """
    if len(cell.axes) != 1:
        raise MissingRule("checkpointing", "a cell with more than one time axis")
    (axis,) = cell.axes
    taken = {*cell.templates, *(s.name for s in (*cell.sizes, axis.upper, axis.index))}
    whole, before, last = (
        _fresh(name, taken) for name in (f"{axis.upper}_whole", f"{axis.index}_before", "is_last")
    )
    found = Segments(cell, axis, whole, before, last)
    cutting = _Cutting(found)
    definitions = tuple(map(cutting.definition, cell.definitions))
    return replace(found, cell=replace(cell, definitions=definitions, written=definitions))


def open_ends(values: Mapping[str, Value], axis: Axis) -> dict[str, Value]:
    """The values with what a later segment sends back given instead of zero.

    Raises:
        MissingRule: a value of the forward pass is read at a later step.
    """
    found = dict(values)
    for value in values.values():
        for (position, time), edge in value.edges.items():
            if not gap(time, axis.upper):
                continue
            if value.role != "adjoint":
                raise MissingRule("checkpointing", f"{value.name} read at a later step")
            if edge is None:
                given = _later(value, time)
                found.setdefault(given.name, given)
                value.edges[position, time] = given.name
    return found


def carried(values: Mapping[str, Value]) -> dict[str, tuple[str, int]]:
    """Start value → what it is the start of, how many steps before the first one it lies less one.

    In a segment further on it is the value that lies as far back from the end of the last one.
    """
    found = {}
    for value in values.values():
        for (_, time), edge in value.edges.items():
            if edge and edge in values and values[edge].role == "start":
                found[edge] = value.name, -int(time)
    return found


def _later(value: Value, time: Expr) -> Value:
    # Both programs of a plan send the same kind of thing under the same name.
    name = edge_name(value.name.replace(APART, ""), time)
    target = Variable(name, (), *value.target.shape)
    return Value(target, (), "later", batched=value.batched, origin=value.name)


def _fresh(name: str, taken: set[str]) -> Symbol:
    while name in taken:
        name += "_"
    return Symbol(name, integer=True)


class _Cutting:
    """Equations of the whole sequence as equations of a segment."""

    def __init__(self, segments: Segments) -> None:
        self._cell, self._axis = segments.cell, segments.axis
        self._whole, self._before, self._last = segments.symbols
        self._range = Range(self._axis.index, Integer(1), self._axis.upper)
        # Values without a step that are about the end of the sequence.
        self._of_end: set[str] = set()

    def definition(self, definition: Definition) -> Definition:
        if definition.name == LOSS:
            value = self._added(definition.pieces[0].value)
            return replace(definition, pieces=(Piece(value),))
        if any(r != self._range for piece in definition.pieces for r in piece.domain):
            raise MissingRule("checkpointing", f"{definition.name} that differs at some steps")
        for piece in definition.pieces:
            self._look(definition, piece.value)
        return replace(
            definition,
            pieces=tuple(replace(p, value=self._numbers(p.value)) for p in definition.pieces),
        )

    def _look(self, definition: Definition, value: MatrixExpr) -> None:
        """Whether an equation can be read in a segment by itself."""
        if contains(value, *BINDERS):
            raise MissingRule("checkpointing", f"a sum over the steps in {definition.name}")
        for leaf in _leaves(value):
            fixed = any(self._axis.index not in symbols_of(step) for step in leaf.steps)
            if definition.target.steps and (fixed or leaf.name in self._of_end):
                raise MissingRule("checkpointing", f"{leaf.name} at one time in {definition.name}")
            if leaf.steps or leaf.name in self._of_end:
                self._at_end(leaf)
                if not definition.target.steps:
                    self._of_end.add(definition.name)

    def _at_end(self, leaf: Variable) -> None:
        for step in leaf.steps:
            if self._axis.index not in symbols_of(step) and gap(step, self._axis.upper) is None:
                raise MissingRule("checkpointing", f"{leaf.name} at step {step}")

    def _added(self, node: MatrixExpr) -> MatrixExpr:
        """What a segment adds to the loss: sums over its steps; other terms in the last one."""
        if isinstance(node, MatAdd):
            return build.add(*map(self._added, node.args))
        if not contains(node, TimeSum):
            for leaf in _leaves(node):
                self._at_end(leaf)
            return build.scale(build.constant(self._last), self._numbers(node))
        if isinstance(node, Scale) and not contains(node.scalar, TimeSum):
            if any(leaf.steps or leaf.name in self._of_end for leaf in _leaves(node.scalar)):
                raise MissingRule("checkpointing", "a loss that is no sum over the steps")
            return build.scale(self._numbers(node.scalar), self._added(node.matrix))
        if not isinstance(node, TimeSum) or contains(node.body, *BINDERS):
            raise MissingRule("checkpointing", "a loss that is no sum over the steps")
        if (node.lower, node.upper) != (self._range.lower, self._range.upper):
            raise MissingRule("checkpointing", "a loss that is a sum over some of the steps")
        for leaf in _leaves(node.body):
            fixed = any(node.index not in symbols_of(step) for step in leaf.steps)
            if fixed or leaf.name in self._of_end:
                raise MissingRule("checkpointing", f"{leaf.name} at one time in a sum over steps")
        return made(TimeSum, self._numbers(node.body), node.index, node.lower, node.upper)

    def _numbers(self, node: MatrixExpr) -> MatrixExpr:
        """Steps and lengths that stand as numbers are those of the whole sequence."""
        parts = operands(node)
        if isinstance(node, Constant):
            return build.constant(self._moved(node.value), *node.shape)
        if isinstance(node, Map):
            steps = tuple(map(self._moved, node.steps))
            return Map(node.name, steps, *node.shape, *map(self._numbers, parts))
        return with_operands(node, tuple(map(self._numbers, parts)))

    def _moved(self, number: Expr) -> Expr:
        moved = {self._axis.upper: self._whole}
        for symbol in number.free_symbols - {*self._cell.sizes, self._axis.upper}:
            moved[symbol] = symbol + self._before
        return number.xreplace(moved)


def _leaves(node: MatrixExpr) -> Iterator[Variable]:
    yield from (use.leaf for use in occurrences(node) if isinstance(use.leaf, Variable))
