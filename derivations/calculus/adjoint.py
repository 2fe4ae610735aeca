"""The reverse sweep of one symbolic step: every adjoint as a recurrence, whatever T is.

A use of ``h[t-s]`` in the equation of ``v[t]`` sends ``VJP(v̄[t])`` to the adjoint of h at t-s;
read at time τ of h, that is a term at t = τ+s. Backpropagation through time (Werbos 1990) is this
bookkeeping and nothing else, so its cost depends on the number of equations only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.indices import invert, magnitude
from derivations.calculus.reverse import contributions
from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, TimeSum, Variable
from derivations.expressions.traverse import fresh_index, nodes_in, substitute, symbols_of


def adjoints(cell: Cell) -> dict[str, Definition]:
    """The adjoint of every variable that the loss depends on, by name.

    Each definition's target is ``Adjoint(v)`` at v's generic steps; its pieces are added, each
    where its domain holds. A parameter's pieces are sums over time: its gradient.

    Raises:
        MissingRule: some node kind of the cell has no VJP rule.
        UnsupportedIndex: a time step that is not an index plus a constant.
    """
    pieces: dict[str, list[Piece]] = {}
    for definition in sorted(cell.definitions, key=lambda d: d.name != LOSS):
        for piece in definition.pieces:
            for name, flow in _flows(definition.target, piece, cell.templates):
                pieces.setdefault(name, []).append(flow)
    reached = _reached(pieces, {LOSS})
    return {
        name: Definition(
            Adjoint(cell.templates[name]),
            tuple(sorted(_drop_dead(pieces[name], reached), key=_delay)),
        )
        for name in cell.templates
        if name in reached and name in pieces
    }


def _flows(
    target: Variable, piece: Piece, templates: Mapping[str, Variable]
) -> Iterator[tuple[str, Piece]]:
    """What one equation sends to the adjoints of the variables it uses."""
    apart = {symbol: _use_side(symbol) for symbol in target.steps}
    pinned = {apart[r.index]: r.lower for r in piece.domain if r.pinned}
    value = substitute(piece.value, apart)
    own_range = [
        Range(apart[r.index], r.lower.xreplace(apart), r.upper.xreplace(apart))
        for r in piece.domain
        if not r.pinned
    ]
    cotangent = seed(target.at([apart[s].xreplace(pinned) for s in target.steps]))
    for flow in contributions(substitute(value, pinned), cotangent):
        template = templates[flow.leaf.name]
        renamed = {r.index: _use_side(r.index) for r in flow.binders}
        binders = [
            Range(renamed[r.index], r.lower.xreplace(renamed), r.upper.xreplace(renamed))
            for r in flow.binders
        ]
        steps = [step.xreplace(renamed) for step in flow.leaf.steps]
        yield (
            template.name,
            _land(substitute(flow.cotangent, renamed), steps, template, [*own_range, *binders]),
        )


def _use_side(symbol: Symbol) -> Symbol:
    """A twin of an index symbol, so that the use's time and the variable's own differ."""
    return Symbol(f"{symbol.name}°", integer=True)


def _base(symbol: Symbol) -> str:
    return symbol.name.rstrip("°")


def _land(
    cotangent: MatrixExpr, steps: Sequence[Expr], template: Variable, ranges: list[Range]
) -> Piece:
    """One contribution, read at the variable's own time."""
    own = list(template.steps)
    found = invert(steps, own, ranges)
    value = substitute(cotangent, found.solved)
    taken = set(own)
    for r in reversed(found.remaining):
        index = _readable(r.index, taken | (symbols_of(value) - {r.index}))
        taken.add(index)
        value = TimeSum(substitute(value, {r.index: index}), index, r.lower, r.upper)
    renames = {
        symbol: _readable(symbol, taken)
        for symbol in symbols_of(value)
        if symbol.name.endswith("°")
    }
    return Piece(substitute(value, renames), tuple(found.domain))


def _readable(symbol: Symbol, taken: set[Symbol]) -> Symbol:
    """The user's own letter for a summed index, unless it is taken."""
    return fresh_index(_base(symbol), taken)


def seed(variable: Variable) -> MatrixExpr:
    """The cotangent an equation starts from: 1 for the loss, the adjoint otherwise."""
    return build.constant(1) if variable.name == LOSS else Adjoint(variable)


def _reached(pieces: Mapping[str, list[Piece]], seeds: set[str]) -> set[str]:
    """Names whose adjoint is not zero by structure: the loss depends on them."""
    feeds: dict[str, list[str]] = {}
    waiting = list(seeds)
    for name, flows in pieces.items():
        for source in (_sources(piece.value) for piece in flows):
            if not source:
                waiting.append(name)
            for other in source:
                feeds.setdefault(other, []).append(name)
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += feeds.get(name, ())
    return reached


def _sources(value: MatrixExpr) -> set[str]:
    """The variables whose adjoints a contribution is made of; none where it comes from the loss."""
    return {adjoint.name for adjoint in nodes_in(value, Adjoint)}


def _delay(piece: Piece) -> Expr:
    """Orders pieces for the reader: uses within the step before uses at later steps."""
    starts = [magnitude(r.lower) for r in piece.domain if not r.pinned]
    return -min(starts, default=Integer(1))


def _drop_dead(pieces: list[Piece], reached: set[str]) -> Iterator[Piece]:
    """Pieces that the loss feeds; one from an output that nothing uses is zero."""
    for piece in pieces:
        sources = _sources(piece.value)
        if not sources or sources & reached:
            yield piece
