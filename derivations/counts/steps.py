"""What one step takes: operations and stored values of the forward and of the backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy.matrices.expressions import MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.rewrites import Rewriter
from derivations.cell import LOSS, Cell, Definition
from derivations.counts.formula import Count
from derivations.counts.operations import work
from derivations.counts.products import entries
from derivations.counts.walk import Scope, Tally, Walk, generic_values, shifted
from derivations.deriver import Deriver
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Map, MapPartial, Variable
from derivations.expressions.traverse import contains, occurrences, operands, substitute


@dataclass(frozen=True)
class Stored:
    """Values that are kept, at their generic step."""

    values: tuple[MatrixExpr, ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> Count:
        """How many numbers these are; a value with two delays is held twice."""
        return Count.of(entries(v) * self.steps.get(getattr(v, "name", ""), 1) for v in self.values)


@dataclass(frozen=True)
class Steps:
    """The work of a cell, counted on its equations and on the derived backward equations.

    Args:
        deriver: of the cell.
        wanted: the parameters whose gradients are computed.
    """

    deriver: Deriver
    wanted: tuple[str, ...]

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.deriver.cell

    @cached_property
    def forward(self) -> dict[Scope, Tally]:
        """Operations of the forward equations."""
        return self._forward.tallies

    @property
    def backward(self) -> dict[Scope, Tally]:
        """Operations of the adjoint recurrences and of the gradients of the parameters."""
        return self._backward[0].tallies

    @cached_property
    def kept(self) -> dict[Scope, Stored]:
        """Values of the forward pass that the backward pass reads, by how often they occur."""
        walk, kept = self._backward
        always = {v.name for v in kept if isinstance(v, Variable) and walk.scope(v)}
        values = [v for v in kept if walk.scope(v) or getattr(v, "name", "") not in always]
        order = [*self.cell.templates]
        values.sort(key=lambda v: order.index(v.name) if isinstance(v, Variable) else len(order))
        scopes = dict.fromkeys(walk.scope(value) for value in values)
        return {s: Stored(tuple(v for v in values if walk.scope(v) == s)) for s in scopes}

    @cached_property
    def scopes(self) -> list[Scope]:
        """What anything is counted for: single steps first, then pairs of steps, then once."""
        places = {axis.index: place for place, axis in enumerate(self.cell.axes)}
        found = {*self.kept} | {
            scope
            for tallies in (self.forward, self.backward)
            for scope, tally in tallies.items()
            if any(tally.counts) or tally.calls
        }
        return sorted(found, key=lambda s: (not s, len(s), sorted(places[i] for i in s)))

    @cached_property
    def carried_forward(self) -> Stored:
        """Values that a later step of the forward pass reads."""
        return self._carried(self.cell.definitions, Variable)

    @cached_property
    def carried_backward(self) -> Stored:
        """Adjoints that another step of the backward pass reads."""
        return self._carried(self._adjoints, Adjoint)

    @cached_property
    def _adjoints(self) -> tuple[Definition, ...]:
        needed = self.deriver.needed(list(self.wanted)) - {LOSS}
        return tuple(
            Definition(adjoint.target, self.deriver.pieces(name))
            for name, adjoint in self.deriver.adjoints.items()
            if name in needed
        )

    @cached_property
    def _forward(self) -> Walk:
        walk = Walk(self.cell.axes)
        for definition in self.cell.definitions:
            for value in generic_values(definition):
                walk.count(value)
        return walk

    @cached_property
    def _backward(self) -> tuple[Walk, tuple[MatrixExpr, ...]]:
        known, named = self._forward.seen, self._named
        parameters = {v.name for v in self.cell.parameters}
        kept: dict[MatrixExpr, None] = {}

        def keep(node: MatrixExpr) -> bool:
            node = named.get(node, node)
            if isinstance(node, Variable):
                if node.name not in parameters:
                    kept.setdefault(node)
                return True
            held = node in known and _worth_keeping(node)
            if held:
                kept.setdefault(node)
            return held

        walk, rewriter = Walk(self.cell.axes, keep), Rewriter(self.cell)
        for definition in self._adjoints:
            for value in self._right_sides(definition):
                walk.count(rewriter.value(value))
        return walk, tuple(kept)

    @cached_property
    def _named(self) -> dict[MatrixExpr, MatrixExpr]:
        """What a right side of the forward equations is the value of."""
        axes, scope = [axis.index for axis in self.cell.axes], self._forward.scope
        return {
            shifted(value, axes): shifted(definition.target, axes)
            for definition in self.cell.definitions
            for value in generic_values(definition)
            if definition.name != LOSS and scope(value) == scope(definition.target)
        }

    def _right_sides(self, definition: Definition) -> Iterable[MatrixExpr]:
        """What holds at the generic step, added; then each piece that holds at one time."""
        generic = [p.value for p in definition.pieces if not any(r.pinned for r in p.domain)]
        if generic:
            yield build.add(*generic)
        for piece in definition.pieces:
            pinned = {r.index: r.lower for r in piece.domain if r.pinned}
            if pinned:
                yield substitute(piece.value, pinned)

    def _carried(self, definitions: Iterable[Definition], kind: type[MatrixExpr]) -> Stored:
        found: dict[str, int] = {}
        for definition in definitions:
            own = definition.target.steps
            for piece in definition.pieces:
                leaves = [o.leaf for o in occurrences(piece.value) if isinstance(o.leaf, kind)]
                for leaf in leaves:
                    gaps = [abs(a - b) for a in leaf.steps for b in own if (a - b).is_Integer]
                    far = max(map(int, gaps), default=0)
                    if far and leaf.name in {d.name for d in definitions}:
                        found[leaf.name] = max(found.get(leaf.name, 0), far)
        values = [self.cell.templates[name] for name in found]
        return Stored(tuple(Adjoint(v) if kind is Adjoint else v for v in values), found)


def _worth_keeping(node: MatrixExpr) -> bool:
    """Whether a value of the forward pass took more than sums and elementwise products."""
    if isinstance(node, Variable) or contains(node, Adjoint):
        return False
    own = work(node)
    if own.functions != 0 or isinstance(node, MatMul | Map | MapPartial):
        return True
    return any(map(_worth_keeping, operands(node)))
