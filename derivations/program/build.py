"""From equations to values: where each is an array, what lies at its edges, what adds up to it.

An adjoint recurrence reads later steps: ∂L/∂h_t = … + Uᵀ ∂L/∂a_{t+1}. What the step t+1 sends back
is made a value of that step (Uᵀ ∂L/∂a, called ``dh_back1``), and ∂L/∂h_t adds the one it is sent.
So every value of a step is computed from that step and from what is carried into it, all equations
of a loop stand over the same steps, and nothing beyond the last step is ever read but a zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Integer, Symbol

from derivations.cell import LOSS, Definition, Piece, Range
from derivations.errors import MissingRule
from derivations.expressions.build import zeros
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import map_leaves, substitute
from derivations.program.domains import edge_name, ordered, same, shifted, show
from derivations.program.sources import Sources
from derivations.program.spans import Span, Use, gap, uses
from derivations.program.values import Role, Term, Value, times_beyond


def build(sources: Sources) -> dict[str, Value]:
    """The values of a program by name, given ones included; edges that something reads as well.

    Raises:
        MissingRule: equations whose times no program runs over yet; the rule is named.
    """
    return _Builder(sources).values


class _Builder:
    def __init__(self, sources: Sources) -> None:
        self._sources, self._cell = sources, sources.cell
        self.values: dict[str, Value] = {}
        self._pinned: dict[str, list[Piece]] = {}
        self._taken = {*self._cell.templates, *sources.adjoint_of.values()}
        defined = {d.name for d in sources.forward}
        for name, template in self._cell.templates.items():
            if name not in defined:
                self._add(template, self._free_role(template))
        for definition in sources.forward:
            self._forward(definition)
        for definition in sources.adjoint:
            self._adjoint(definition)
        for value in [*self.values.values()]:
            self._resolve(value)
        for value in [*self.values.values()]:
            if value.role == "adjoint" and value.name in sources.adjoint_of.values():
                for position, time in self.values[value.origin].edges:
                    self.edge(value.name, position, time)
        self._spread_batches()

    def edge(self, name: str, position: int, time: Expr) -> str | None:
        """The value of a variable at one time beyond its array; ``None`` for zero."""
        value = self.values[name]
        if (position, time) not in value.edges:
            value.edges[position, time] = self._make_edge(value, position, time)
        return value.edges[position, time]

    def _free_role(self, template: Variable) -> Role:
        if template.steps:
            return "input"
        return "target" if template.name in self._sources.targets else "parameter"

    def _default_ranges(self, template: Variable) -> tuple[Range, ...]:
        ends = {axis.index: axis.upper for axis in self._cell.axes}
        for index in template.steps:
            if index not in ends:
                raise MissingRule("export", f"the index {index} of {template.name}, no time axis")
        return tuple(Range(index, Integer(1), ends[index]) for index in template.steps)

    def _add(self, target: Variable, role: Role, ranges: tuple[Range, ...] | None = None) -> Value:
        if ranges is None:
            ranges = self._default_ranges(target)
        value = Value(target, ranges, role, batched=role != "parameter", origin=target.name)
        self.values[value.name] = value
        return value

    def _forward(self, definition: Definition) -> None:
        over = [p for p in definition.pieces if not any(r.pinned for r in p.domain)]
        self._pinned[definition.name] = [p for p in definition.pieces if p not in over]
        role: Role = "loss" if definition.name == LOSS else "forward"
        if not over:
            # Only single times have an equation; the others are given.
            self._add(definition.target, "input")
            return
        domains = {p.domain for p in over}
        if len(domains) > 1:
            raise MissingRule("export", f"{definition.name}, whose equations share its steps")
        ranges = ordered(definition.target, over[0].domain)
        value = self._add(definition.target, role, ranges)
        value.terms = tuple(Term(piece.value) for piece in over)

    def _adjoint(self, definition: Definition) -> None:
        primal = next(n for n, a in self._sources.adjoint_of.items() if a == definition.name)
        own = self.values[primal]
        value = self._add(definition.target, "adjoint", own.ranges)
        value.origin = primal
        terms: list[Term] = []
        placed: list[Piece] = []
        self._pinned[value.name] = []
        sent: dict[tuple[int, int], list[Piece]] = {}
        for piece in definition.pieces:
            if any(r.pinned for r in piece.domain):
                (placed if self._inside(piece, value) else self._pinned[value.name]).append(piece)
                continue
            shift = self._sent_over(piece, value)
            if shift is not None:
                sent.setdefault(shift, []).append(piece)
            elif piece.domain == () or same(piece.domain, value.ranges):
                terms.append(Term(piece.value))
            elif self._inside(piece, value):
                placed.append(piece)
            else:
                raise MissingRule("export", f"the adjoint of {primal} over {show(piece.domain)}")
        for (position, steps), pieces in sent.items():
            terms.append(self._send(value, position, steps, pieces))
        if placed:
            terms.append(Term(self._place(value, placed)))
        value.terms = tuple(terms)

    def _inside(self, piece: Piece, value: Value) -> bool:
        own = {r.index: r for r in value.ranges}
        for r in piece.domain:
            inner, outer = Span(r.lower, r.upper), Span(own[r.index].lower, own[r.index].upper)
            if inner.before(outer) or inner.after(outer):
                return False
        return True

    def _sent_over(self, piece: Piece, value: Value) -> tuple[int, int] | None:
        """(position, steps) where the piece is sent by an equation some steps later."""
        adjoints = set(self._sources.adjoint_of.values())
        found: set[tuple[int, int]] = set()
        for use in uses(piece.value, piece.domain):
            if use.leaf.name not in adjoints:
                continue
            for step in use.leaf.steps:
                for position, index in enumerate(value.target.steps):
                    steps = gap(step, index)
                    if steps:
                        found.add((position, steps))
        if len(found) > 1:
            raise MissingRule("export", f"a use of {value.origin} that crosses two axes at once")
        return next(iter(found), None)

    def _send(self, value: Value, position: int, steps: int, pieces: list[Piece]) -> Term:
        """The pieces as a value of the step that sends them; what arrives."""
        index = value.target.steps[position]
        sender = self._fresh(f"{value.name}_{'back' if steps > 0 else 'ahead'}{abs(steps)}")
        domains = {shifted(piece.domain, index, steps) for piece in pieces}
        if len(domains) > 1:
            raise MissingRule("export", f"uses of {value.origin} that begin at different steps")
        target = Variable(sender, value.target.steps, *value.target.shape)
        sent = self._add(target, "adjoint", ordered(target, next(iter(domains))))
        sent.terms = tuple(Term(substitute(p.value, {index: index - steps})) for p in pieces)
        sent.origin = value.origin
        return Term(target.at([s + steps if s == index else s for s in target.steps]))

    def _place(self, value: Value, pieces: list[Piece]) -> Variable:
        """Pieces that hold at some of the steps only, as a value that is zero at the others."""
        target = Variable(self._fresh(f"{value.name}_at"), value.target.steps, *value.target.shape)
        placed = self._add(target, "adjoint", value.ranges)
        placed.origin = value.origin
        placed.terms = tuple(
            Term(substitute(p.value, {r.index: r.lower for r in p.domain if r.pinned}), p.domain)
            for p in pieces
        )
        return target

    def _resolve(self, value: Value) -> None:
        """Reads at a time beyond an array become reads of its edge; edges of the others exist."""
        value.terms = tuple(Term(self._resolved(term, value), term.domain) for term in value.terms)
        for term in value.terms:
            for use in uses(term.value, term.domain or value.ranges):
                self._edges_of(use)

    def _resolved(self, term: Term, value: Value) -> Variable:
        def change(leaf: Variable) -> Variable:
            for position, step in enumerate(leaf.steps):
                if not isinstance(leaf, Variable) or leaf.name not in self.values:
                    continue
                found = self.values[leaf.name].ranges[position]
                outside = gap(found.lower, step), gap(step, found.upper)
                fixed = not step.free_symbols - {a.upper for a in self._cell.axes}
                if fixed and any((distance or 0) > 0 for distance in outside):
                    name = self.edge(leaf.name, position, step)
                    rest = [s for k, s in enumerate(leaf.steps) if k != position]
                    if name is None:
                        return zeros(leaf.shape)
                    return change(Variable(name, rest, *leaf.shape))
            return leaf

        return map_leaves(term.value, change)

    def _edges_of(self, use: Use) -> None:
        value = self.values[use.leaf.name]
        for position, time in times_beyond(value, use):
            self.edge(value.name, position, time)

    def _make_edge(self, value: Value, position: int, time: Expr) -> str | None:
        index = value.target.steps[position]
        rest = [step for k, step in enumerate(value.target.steps) if k != position]
        ranges = tuple(r for k, r in enumerate(value.ranges) if k != position)
        primal = value.name in self._cell.templates
        if not primal and value.name not in self._sources.adjoint_of.values():
            return None
        name = self._fresh(edge_name(value.name, time))
        target = Variable(name, rest, *value.target.shape)
        terms = [
            Term(
                substitute(piece.value, {index: time}),
                tuple(r for r in piece.domain if r.index != index),
            )
            for piece in self._pinned.get(value.name, ())
            if any(r.index == index and r.pinned and r.lower == time for r in piece.domain)
        ]
        if not primal:
            terms += self._arriving(value, index, time)
            if not terms:
                return None
        role: Role = ("forward" if terms else "start") if primal else "adjoint"
        edge = self._add(target, role, ranges)
        edge.terms, edge.origin = tuple(terms), value.origin
        self._resolve(edge)
        return name

    def _arriving(self, value: Value, index: Symbol, time: Expr) -> Iterable[Term]:
        """What later steps send to an adjoint at a time beyond its array."""
        for term in value.terms:
            leaf = term.value
            sent = isinstance(leaf, Variable) and self.values.get(leaf.name)
            if not sent or index not in value.target.steps:
                continue
            place = list(value.target.steps).index(index)
            at = leaf.steps[place].xreplace({index: time}).expand()
            own = sent.ranges[place]
            before, after = gap(own.lower, at) or 0, gap(at, own.upper) or 0
            if leaf.steps[place] != index and before <= 0 and after <= 0:
                yield Term(leaf.at([at if k == place else s for k, s in enumerate(leaf.steps)]))

    def _fresh(self, name: str) -> str:
        while name in self._taken or name in self.values:
            name += "_"
        self._taken.add(name)
        return name

    def _spread_batches(self) -> None:
        """A value without steps has a batch axis if it is computed from one that has."""
        edges = {edge for value in self.values.values() for edge in value.edges.values()}
        single = [
            v for n, v in self.values.items() if not v.ranges and not v.given and n not in edges
        ]
        for value in single:
            value.batched = False
        changed = True
        while changed:
            changed = False
            for value in single:
                batched = any(
                    self.values[use.leaf.name].batched
                    for term in value.terms
                    for use in uses(term.value, ())
                )
                if value.role == "adjoint":
                    batched = self._primal_is_batched(value)
                elif value.role == "loss":
                    batched = False
                if batched and not value.batched:
                    value.batched = changed = True

    def _primal_is_batched(self, value: Value) -> bool:
        """A gradient has the batch axis of its variable: that of a parameter is summed over it."""
        primal = self.values[value.origin]
        return primal.batched
