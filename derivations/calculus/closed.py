"""Closed forms: the adjoint recurrences of recurrent groups, solved.

With J_t the step Jacobian of the stacked state and γ_t what the loss (or a later group) sends to
the stack at t directly, the recurrence λ_t = J_{t+1}ᵀ λ_{t+1} + γ_t has the solution
λ_t = Σ_{τ≥t} (∏_{j=t+1}^{τ} J_j)ᵀ γ_τ (Pascanu, Mikolov & Bengio 2013, eqs. 3–5). The adjoint of
any variable u of the group is then (∂s_t/∂u_t)ᵀ λ_t, with the partial taken within the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sympy import Expr, Integer
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import Alternative, between, expand, gather, intersect, narrow
from derivations.calculus.groups import find_groups
from derivations.calculus.states import Group, simplify_zeros
from derivations.calculus.tidy import own_index, short_products, tidy_bounds
from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, TimeSum
from derivations.expressions.traverse import nodes_in, substitute


def driven_variables(adjoint: Mapping[str, Definition], groups: Mapping[str, int]) -> set[str]:
    """Variables of a group whose adjoint has a source outside the group (or in the loss)."""
    found: set[str] = set()
    for name, definition in adjoint.items():
        for piece in definition.pieces:
            sources = {a.name for a in nodes_in(piece.value, Adjoint)}
            if not any(groups.get(source) == groups.get(name) for source in sources):
                found.add(name)
    return found


def tidied(found: Iterable[Alternative]) -> list[Alternative]:
    """Alternatives that count at the same times added, their products and bounds kept short."""
    return gather(
        [Alternative(tidy_bounds(short_products(a.value), a.domain), a.domain) for a in found]
    )


class ClosedForms:
    """Solved adjoints of a cell, built once and asked for one expression at a time."""

    def __init__(
        self, cell: Cell, adjoint: Mapping[str, Definition], tangents: dict[str, Definition]
    ) -> None:
        """Args: the cell, its adjoint recurrences, and its tangent recurrences.

        Raises:
            NoClosedForm: a group recurs along two axes, or its state has a second index.
        """
        from derivations.calculus.graph import recurrent_groups

        numbering = {
            name: number for number, names in enumerate(recurrent_groups(cell)) for name in names
        }
        driven = driven_variables(adjoint, numbering)
        self.cell = cell
        self.adjoint = adjoint
        self.groups = find_groups(cell, tangents, driven)
        self._solved: dict[str, Definition] = {}
        for group in self.groups:
            for name in group.states:
                if name in adjoint:
                    self._solved[name] = self._solve(group, name)

    def solved(self, name: str) -> Definition:
        """The adjoint of a state as a sum over later times, without recurrence."""
        return self._solved[name]

    def closed(self, expr: MatrixExpr) -> list[Alternative]:
        """An expression in adjoints, rewritten without any."""
        return tidied(expand(expr, self.resolve))

    def resolve(self, leaf: MatrixExpr) -> Definition | None:
        """What an adjoint is: solved if it is that of a state, else by its equation."""
        if not isinstance(leaf, Adjoint):
            return None
        if leaf.name == LOSS:
            return Definition(leaf, (Piece(build.constant(1)),))
        empty = Definition(Adjoint(self.cell.templates[leaf.name]), ())
        return self._solved.get(leaf.name) or self.adjoint.get(leaf.name, empty)

    def _solve(self, group: Group, name: str) -> Definition:
        """The adjoint of one state u: (∂s_t/∂u_t)ᵀ λ_t while equations give it, and before that
        its slot of λ at the origin."""
        pieces = []
        shape = self.cell.templates[name].shape
        effect = build.transpose(group.same_step(name))
        for a in self._costate(group, group.index):
            value = simplify_zeros(build.matmul(effect, a.value))
            inside = intersect((*a.domain, group.reach))
            if inside is not None:
                pieces.append(Piece(tidy_bounds(build.unvec(value, *shape), inside), inside))
        for lag in range(group.states[name]):
            time = group.origin - lag if group.forward else group.origin + lag
            slot = group.pick(name, lag)
            for a in self._costate(group, group.origin):
                at = (*a.domain, Range(group.index, time, time))
                value = simplify_zeros(build.matmul(slot, a.value))
                pieces.append(Piece(build.unvec(value, *shape), at))
            pieces += self._driven_before(group, name, time) if lag else ()
        return Definition(Adjoint(self.cell.templates[name]), tuple(pieces))

    def _driven_before(self, group: Group, name: str, time: Expr) -> Iterator[Piece]:
        """What drives a state directly at a time before the origin."""
        for own, drive in self._drives(group):
            within = between(time, own.lower, own.upper)
            value = build.matmul(group.pick(name), substitute(drive, {group.index: time}))
            if within is not None and not build.is_zero(simplify_zeros(value)):
                at = Range(group.index, time, time)
                shape = self.cell.templates[name].shape
                yield Piece(build.unvec(simplify_zeros(value), *shape), (*within, at))

    def _costate(self, group: Group, now: Expr) -> list[Alternative]:
        """λ at a time: Σ_τ (∏ J)ᵀ γ_τ, one alternative per range of times at which γ acts."""
        found: list[Alternative] = []
        for own, drive in self._drives(group):
            later = own_index("tau", self.cell, drive, group.step, build.constant(now + group.end))
            propagate = build.transpose(group.propagator(now, later))
            body = build.matmul(propagate, substitute(drive, {group.index: later}))
            bounds = (now, group.end) if group.forward else (Integer(1), now)
            total = TimeSum(body, later, *bounds)
            at = Range(later, own.lower, own.upper)
            found += narrow(total, Alternative(body, (at,)))
        return found

    def _drives(self, group: Group) -> list[tuple[Range, MatrixExpr]]:
        """γ as block columns, one per range of times at which it acts."""
        by_time: dict[Range, dict[str, list[MatrixExpr]]] = {}
        for name in group.states:
            for piece in self.adjoint[name].pieces if name in self.adjoint else ():
                if any(a.name in group.names for a in nodes_in(piece.value, Adjoint)):
                    continue
                whole = Range(group.index, Integer(1), group.end)
                own = next((r for r in piece.domain if r.index == group.index), whole)
                by_time.setdefault(own, {}).setdefault(name, []).append(build.vec(piece.value))
        return [
            (own, group.stack({n: build.add(*v) for n, v in values.items()}, Integer(1)))
            for own, values in by_time.items()
        ]
