"""Jacobians of any variable with respect to any other at any two times: immediate and total.

The immediate partial ∂⁺u/∂v (Pascanu, Mikolov & Bengio 2013) holds every other variable of the
cell fixed: it is read off u's own equation. The total derivative follows every path: the tangent
of v is injected at its time and the forward sweep is solved for the tangent of u.
"""

from __future__ import annotations

from sympy import Expr, Integer, Symbol, oo
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import (
    Alternative,
    between,
    expand,
    gather,
    instantiate,
    intersect,
)
from derivations.calculus.forward import pushforward
from derivations.calculus.groups import find_groups
from derivations.calculus.indices import is_end
from derivations.calculus.linear import coefficient
from derivations.calculus.regions import disjoint, holds, stretches
from derivations.calculus.states import Group, simplify_zeros
from derivations.calculus.tangent import tangents
from derivations.calculus.tidy import own_index, short_products
from derivations.cell import Cell, Definition, Piece, Range
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Tangent, TimeSum, Variable
from derivations.expressions.traverse import contains, substitute, symbols_of

SEED = "∂"
"""Name of the variable whose tangent is injected; no cell can spell it."""


def apart(variable: Variable) -> Variable:
    """The same variable at steps in symbols that no equation uses."""
    return variable.at([step.xreplace(_twins(step)) for step in variable.steps])


def _twins(step: Expr) -> dict[Symbol, Symbol]:
    return {s: Symbol(f"{s.name}·", integer=True) for s in step.free_symbols if not is_end(s)}


def together(alternatives: list[Alternative]) -> list[Alternative]:
    """Back from twins to the symbols of the query."""
    found = []
    for a in alternatives:
        names = symbols_of(a.value).union(*(_symbols(r) for r in a.domain))
        back = {s: Symbol(s.name[:-1], integer=True) for s in names if s.name.endswith("·")}
        domain = tuple(
            Range(back.get(r.index, r.index), r.lower.xreplace(back), r.upper.xreplace(back))
            for r in a.domain
        )
        found.append(Alternative(substitute(a.value, back), domain))
    return found


def _symbols(r: Range) -> set[Symbol]:
    return {r.index} | r.lower.free_symbols | r.upper.free_symbols


def immediate(cell: Cell, numerator: Variable, denominator: Variable) -> list[Alternative]:
    """∂⁺numerator/∂denominator, every other variable of the cell held fixed.

    Shape of each alternative: vec(numerator) × vec(denominator). No alternative means zero.
    """
    numerator, denominator = apart(numerator), apart(denominator)
    seed = Tangent(Variable(SEED, (), *denominator.shape))
    injected = _injection(denominator, seed)
    own = {d.name: d for d in cell.written}
    if numerator.name not in own:
        return [] if numerator != denominator else [Alternative(Identity(_size(denominator)))]

    def seeded(v: Variable) -> MatrixExpr:
        return Tangent(v) if v.name == denominator.name else build.zeros(v.shape)

    pieces = tuple(
        Piece(pushforward(p.value, seeded), p.domain) for p in own[numerator.name].pieces
    )
    equation = Definition(Tangent(cell.templates[numerator.name]), pieces)
    found = [
        Alternative(inner.value, domain)
        for piece in instantiate(equation, Tangent(numerator))
        for inner in expand(piece.value, lambda leaf: None if leaf == seed else injected)
        if (domain := intersect((*piece.domain, *inner.domain))) is not None
    ]
    return together(_matrices(found, denominator))


def _injection(variable: Variable, seed: Tangent) -> Definition:
    """The tangent of a variable that is the seed at one time and zero at all others."""
    from derivations.typing.scope import index_symbol

    generic = [index_symbol(f"·{i}") for i in range(len(variable.steps))]
    domain = tuple(Range(g, s, s) for g, s in zip(generic, variable.steps, strict=True))
    return Definition(Tangent(variable.at(generic)), (Piece(seed, domain),))


def _size(variable: Variable) -> Expr:
    rows, cols = variable.shape
    return rows * cols


def _matrices(found: list[Alternative], denominator: Variable) -> list[Alternative]:
    """From tangents that are linear in the seed to Jacobian matrices."""
    matrices = []
    for a in found:
        value = simplify_zeros(a.value)
        if contains(value, Tangent):
            matrix = coefficient(value, lambda leaf: Identity(_size(denominator)))
            matrices.append(Alternative(short_products(matrix), a.domain))
    return [a for a in disjoint(gather(matrices)) if not build.is_zero(a.value)]


def total(
    cell: Cell, numerator: Variable, denominator: Variable, flow: Flow | None = None
) -> list[Alternative]:
    """The total derivative as closed form: sums and ordered products over time.

    Shape of each alternative: vec(numerator) × vec(denominator). No alternative means zero.

    Raises:
        NoClosedForm: the path runs through a group that has none.
    """
    totals = Totals(cell, apart(denominator), flow or Flow(cell))
    return together(totals.of(apart(numerator)))


class Flow:
    """The tangent recurrences of a cell and its recurrent groups, for any number of totals.

    Raises:
        NoClosedForm: some group has none.
    """

    def __init__(self, cell: Cell) -> None:
        self.tangents = tangents(cell)
        self.groups = find_groups(cell, self.tangents, set())
        self.home = {name: group for group in self.groups for name in group.states}


class Totals:
    """Total derivatives with respect to one variable at one time."""

    def __init__(self, cell: Cell, denominator: Variable, flow: Flow) -> None:
        self.cell = cell
        self.denominator = denominator
        self.seed = Tangent(Variable(SEED, (), *denominator.shape))
        self.tangents = flow.tangents
        self.flow = flow
        self.solved: dict[str, Definition] = {}

    def of(self, numerator: Variable) -> list[Alternative]:
        """∂numerator/∂(the denominator), every path followed."""
        found = expand(Tangent(numerator), self._resolve)
        return _matrices(found, self.denominator)

    def _resolve(self, leaf: MatrixExpr) -> Definition | None:
        if leaf == self.seed:
            return None
        if leaf.name in self.flow.home:
            if leaf.name not in self.solved:
                self._solve(self.flow.home[leaf.name])
            return self.solved[leaf.name]
        return self._with_injection(leaf.name)

    def _with_injection(self, name: str) -> Definition:
        """The tangent recurrence of a variable; the seed is added where it is injected."""
        target = Tangent(self.cell.templates[name])
        pieces = self.tangents[name].pieces if name in self.tangents else ()
        if name != self.denominator.name:
            return Definition(target, pieces)
        steps = self.denominator.steps
        at = tuple(Range(g, s, s) for g, s in zip(target.steps, steps, strict=True))
        return Definition(target, (*pieces, Piece(self.seed, at)))

    def _solve(self, group: Group) -> None:
        """Tangents of the states of a group, as products and sums over what drives them."""
        now = group.index
        pieces: dict[str, list[Piece]] = {name: [] for name in group.states}
        for domain, drive in self._drives(group):
            own = next(r for r in domain if r.index == now)
            others = tuple(r for r in domain if r.index != now)
            for a in self._reach(group, drive, own):
                alive = intersect((*others, *a.domain))
                if alive is None:
                    continue
                for name in group.states:
                    value = build.matmul(group.pick(name), a.value)
                    rows, cols = self.cell.templates[name].shape
                    pieces[name].append(Piece(build.unvec(value, rows, cols), alive))
        for name in group.states:
            target = Tangent(self.cell.templates[name])
            self.solved[name] = Definition(target, tuple(pieces[name]))

    def _reach(self, group: Group, drive: MatrixExpr, own: Range) -> list[Alternative]:
        """What a drive does at the generic time: one term, or a sum of terms."""
        now = group.index
        if own.pinned:
            return self._impulse(group, drive, own.lower)
        mentioned = build.constant(sum(self.denominator.steps, group.end + now))
        start = own_index("k", self.cell, drive, group.step, mentioned)
        moved = build.matmul(group.propagator(start, now), substitute(drive, {now: start}))
        bounds = (own.lower, now) if group.forward else (now, own.upper)
        reached = between(now, own.lower, own.upper)
        return [] if reached is None else [Alternative(TimeSum(moved, start, *bounds), reached)]

    def _impulse(self, group: Group, drive: MatrixExpr, time: Expr) -> list[Alternative]:
        """A drive at one time. Before the origin it enters the slot of its delay at the origin."""
        now = group.index
        start, lag = time, group.lag_at(time) or 0
        entering = substitute(drive, {now: time})
        if lag:
            start = group.origin
            blocks = [entering] if not isinstance(entering, Blocks) else list(entering.blocks)
            given = {
                slot.name: block
                for slot, block in zip(group.slots, blocks, strict=True)
                if slot.lag == 0
            }
            if any(lag >= group.states[n] and not build.is_zero(b) for n, b in given.items()):
                return []
            entering = group.stack(given, entering.shape[1], lag)
        value = build.matmul(group.propagator(start, now), entering)
        first = between(now, start, oo) if group.forward else between(now, -oo, start)
        origin = group.origin
        last = group.end if group.forward else Integer(1)
        alive = between(start, origin, last) if group.forward else between(start, last, origin)
        return [] if first is None or alive is None else [Alternative(value, (*first, *alive))]

    def _drives(self, group: Group) -> list[tuple[tuple[Range, ...], MatrixExpr]]:
        """What enters the stack from outside the group, one block column per stretch of time."""
        inner = set(group.names)

        def resolve(leaf: MatrixExpr) -> Definition | None:
            if leaf == self.seed or leaf.name not in inner:
                return None
            if group.index not in leaf.steps:
                return Definition(Tangent(self.cell.templates[leaf.name]), ())
            return self._with_injection(leaf.name)

        entering: list[tuple[str, Alternative]] = [
            (name, a)
            for name in group.states
            for a in expand(Tangent(self.cell.templates[name]), resolve)
            if contains(simplify_zeros(a.value), Tangent)
        ]
        pins = dict.fromkeys(
            next(r for r in a.domain if r.index == group.index) for _, a in entering
        )
        found = []
        for pin in pins:
            here = [(n, a) for n, a in entering if pin in a.domain]
            rest = [tuple(r for r in a.domain if r != pin) for _, a in here]
            for stretch in stretches(rest):
                given: dict[str, MatrixExpr] = {}
                for (name, a), domain in zip(here, rest, strict=True):
                    if holds(domain, stretch):
                        moved = build.vec(a.value)
                        given[name] = build.add(given[name], moved) if name in given else moved
                found.append(((pin, *stretch), group.stack(given, Integer(1))))
        return found
