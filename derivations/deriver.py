"""What can be derived about a cell: adjoints, Jacobians, closed forms; each computed once.

Nothing here depends on T, and nothing is unrolled unless the unrolled form is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.adjoint import adjoints
from derivations.calculus.closed import ClosedForms, tidied
from derivations.calculus.elimination import recurring, through
from derivations.calculus.existence import times_of
from derivations.calculus.expand import Alternative, expand, gather, intersect
from derivations.calculus.graph import edges
from derivations.calculus.jacobian import Flow, immediate, total
from derivations.calculus.regions import formulas
from derivations.calculus.rewrites import Rewriter
from derivations.calculus.tangent import tangents
from derivations.calculus.tidy import short_products
from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.derivation import Formula
from derivations.expressions.nodes import Adjoint, Jacobian, TimeProduct
from derivations.expressions.traverse import nodes_in, operands, substitute, with_operands
from derivations.fixed import settled
from derivations.same import Same
from derivations.step_names import NamedStep, named_steps

MOST_CELLS = 64
"""Cells about which what is derived is kept."""


def deriver_of(cell: Cell) -> Deriver:
    """What can be derived about a cell; the same object for the same cell."""
    return _deriver(Same(cell))


@lru_cache(maxsize=MOST_CELLS)
def _deriver(cell: Same[Cell]) -> Deriver:
    return Deriver(cell.value)


class Deriver:
    """Everything that can be derived about one cell, each part computed once."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    @cached_property
    def adjoints(self) -> dict[str, Definition]:
        """The adjoint recurrences."""
        return adjoints(self.cell)

    @cached_property
    def tangents(self) -> dict[str, Definition]:
        """The tangent recurrences."""
        return tangents(self.cell)

    @cached_property
    def rewriter(self) -> Rewriter:
        """What gives formulas the form in which they are printed."""
        return Rewriter(self.cell)

    @cached_property
    def flow(self) -> Flow:
        """The tangent recurrences with their groups, for total derivatives."""
        return Flow(self.cell)

    @cached_property
    def closed(self) -> ClosedForms:
        """The solved adjoints.

        Raises:
            NoClosedForm: some group of the cell has none.
        """
        return ClosedForms(self.cell, self.adjoints, self.tangents)

    def local_jacobians(self) -> Iterator[Formula]:
        """∂⁺u/∂v for every variable u and every computed v that its equation reads."""
        defined = self.cell.defined
        for edge in edges(self.cell.definitions):
            if edge.used not in defined or edge.user == LOSS or edge.pinned or None in edge.delays:
                continue
            user, used = self.cell.templates[edge.user], self.cell.templates[edge.used]
            yield from self.jacobian(Jacobian(user, used.at(edge.steps), True))

    def jacobian(self, left: Jacobian) -> Iterator[Formula]:
        """A Jacobian, immediate or total, one formula per stretch of time; none means zero.

        An immediate partial refers to the equations as typed; one about an argument that was
        given a name refers to those with named arguments.

        Raises:
            NoClosedForm: a total derivative through a group that has none.
        """
        cell = self.cell
        if {left.numerator.name, left.denominator.name} & cell.auxiliary:
            cell = replace(cell, written=cell.definitions)
        alive = [
            *(times_of(cell, left.numerator, computed=True) or ()),
            *(times_of(cell, left.denominator) or ()),
        ]
        pair = (left.numerator, left.denominator)
        for found in immediate(cell, *pair) if left.immediate else total(cell, *pair, self.flow):
            domain = intersect([*found.domain, *alive])
            if domain is not None:
                domain = settled(domain)
                value = self.rewriter.value(self._arguments_named(found.value))
                yield _at_pinned_times(left, value, domain)

    def _arguments_named(self, value: MatrixExpr) -> MatrixExpr:
        """A value with the arguments of its nonlinearities by their names."""
        arguments = {
            piece.value: definition.target
            for definition in self.cell.definitions
            if definition.name in self.cell.auxiliary
            for piece in definition.pieces
            if not any(r.pinned for r in piece.domain)
        }
        return value.xreplace(arguments) if arguments else value

    def needed(self, names: list[str]) -> set[str]:
        """The adjoints that the wanted ones refer to, directly or not."""
        needed, waiting = set(names), list(names)
        while waiting:
            definition = self.adjoints.get(waiting.pop())
            for piece in definition.pieces if definition else ():
                for adjoint in nodes_in(piece.value, Adjoint):
                    if adjoint.name not in needed:
                        needed.add(adjoint.name)
                        waiting.append(adjoint.name)
        return needed

    def gradient(self, name: str) -> tuple[Formula, ...]:
        """The adjoint of one variable, one formula per stretch of time."""
        return tuple(formulas(Definition(self.adjoints[name].target, self.pieces(name))))

    def pieces(self, name: str) -> tuple[Piece, ...]:
        """The pieces of an adjoint, those of the shortest delay first.

        Adjoints that exist at one time only are put in, so that a loss at T leaves no sum.
        """
        return self._pieces(name, lambda value: gather(expand(value, self._at_one_time)))

    def pieces_through(self, name: str, kept: frozenset[str], solve: bool) -> tuple[Piece, ...]:
        """The same in terms of the adjoints ``kept``, as far as the others do not recur.

        Args:
            solve: whether recurrences among the others are solved, too.

        Raises:
            NoClosedForm: a recurrence to be solved has no solution.
        """
        inner = through(name, kept, self.adjoints)
        solved = recurring(name, kept, self.adjoints) if solve else frozenset()

        def put_in(leaf: MatrixExpr) -> Definition | None:
            if isinstance(leaf, Adjoint) and leaf.name in solved:
                return self.closed.resolve(leaf)
            if isinstance(leaf, Adjoint) and leaf.name in inner:
                return self.adjoints[leaf.name]
            return self._at_one_time(leaf)

        target = self.adjoints[name].target
        start = self.closed.resolve(target) if name in solved else None
        return self._pieces(name, lambda value: tidied(expand(value, put_in)), start)

    def closed_pieces(self, name: str) -> tuple[Piece, ...]:
        """The same without any adjoint.

        Raises:
            NoClosedForm: a group on the way has none.
        """
        return self._pieces(name, self.closed.closed)

    def _pieces(
        self,
        name: str,
        rewritten: Callable[[MatrixExpr], list[Alternative]],
        start: Definition | None = None,
    ) -> tuple[Piece, ...]:
        found = []
        for piece in (start or self.adjoints[name]).pieces:
            for a in rewritten(piece.value):
                domain = intersect((*piece.domain, *a.domain))
                if domain is not None:
                    found.append(Piece(a.value, domain))
        return tuple(found)

    def _at_one_time(self, leaf: MatrixExpr) -> Definition | None:
        definition = self.adjoints.get(leaf.name)
        if definition is None or not leaf.steps or not isinstance(leaf, Adjoint):
            return None
        everywhere = definition.pieces
        if all(any(r.pinned for r in p.domain) for p in everywhere) and len(everywhere) == 1:
            only = everywhere[0]
            pinned = {r.index: r.lower for r in only.domain if r.pinned}
            at = Adjoint(leaf.variable.at([s.xreplace(pinned) for s in definition.target.steps]))
            return None if at == leaf else Definition(definition.target, (replace(only, value=at),))
        return None

    def closed_gradient(self, name: str) -> Iterator[Formula]:
        """The gradient of one variable without any adjoint in it."""
        target = self.adjoints[name].target
        for f in formulas(Definition(target, self.closed_pieces(name))):
            yield replace(f, right=self.rewriter.value(f.right))

    def named_gradient(self, name: str) -> Iterator[Formula]:
        """The same, its long step Jacobians by their names."""
        return self._named(Definition(self.adjoints[name].target, self.closed_pieces(name)))

    def solved(self, name: str) -> Iterator[Formula]:
        """The adjoint of a state without recurrence; what drives it stays as it is named."""
        if name in self.adjoints:
            yield from self._named(self.closed.solved(name))

    def _named(self, definition: Definition) -> Iterator[Formula]:
        pieces = [replace(p, value=self._with_names(p.value)) for p in definition.pieces]
        for f in formulas(replace(definition, pieces=tuple(pieces))):
            yield replace(f, right=self.rewriter.value(f.right))

    @cached_property
    def step_jacobians(self) -> tuple[NamedStep, ...]:
        """Step Jacobians under names of their own."""
        return named_steps(self.cell, self.closed.groups)

    def _with_names(self, expr: MatrixExpr) -> MatrixExpr:
        """Products of step Jacobians, with each Jacobian by its name."""
        parts = operands(expr)
        if not parts:
            return expr
        if isinstance(expr, TimeProduct):
            for named in self.step_jacobians:
                if expr.body in named.forms(expr.index):
                    return expr.func(named.at(expr.index), *expr.args[1:])
        return with_operands(expr, tuple(self._with_names(part) for part in parts))


def _at_pinned_times(left: Jacobian, right: MatrixExpr, domain: tuple[Range, ...]) -> Formula:
    """A formula about one time, written at that time: ∂c_1/∂c_0 instead of "for t = 1"."""
    pinned = {r.index: r.lower for r in domain if r.pinned}
    top, bottom = (
        v.at([step.xreplace(pinned) for step in v.steps])
        for v in (left.numerator, left.denominator)
    )
    free = tuple(r for r in domain if not r.pinned)
    value = short_products(substitute(right, pinned)) if pinned else right
    return Formula(Jacobian(top, bottom, left.immediate), value, free)


def equations_of(definition: Definition) -> Iterator[Formula]:
    """The equations of a variable as formulas; one about a single time is written at that time."""
    for piece in definition.pieces:
        pinned = {r.index: r.lower for r in piece.domain if r.pinned}
        left = definition.target.at([s.xreplace(pinned) for s in definition.target.steps])
        yield Formula(left, piece.value, tuple(r for r in piece.domain if not r.pinned))
