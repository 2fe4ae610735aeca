"""The recurrent groups of a cell: which variables recur together, along which axis, from when."""

from __future__ import annotations

from sympy import Expr

from derivations.calculus.graph import edges, recurrent_groups
from derivations.calculus.states import Group, NoClosedForm
from derivations.cell import Cell, Definition, Range
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import nodes_in


def find_groups(cell: Cell, tangents: dict[str, Definition], driven: set[str]) -> list[Group]:
    """The groups of a cell that recur, each after those it depends on.

    Args:
        driven: variables that something outside reads; they count as states of their group.

    Raises:
        NoClosedForm: a group recurs along two axes or through a sum over its past, or a state has
            a second index.
    """
    all_edges = [e for e in edges(cell.definitions) if not e.pinned]
    found = []
    for names in recurrent_groups(cell):
        inside = [e for e in all_edges if e.user in names and e.used in names]
        summed = dict.fromkeys(e.used for e in inside if e.beyond)
        if summed:
            raise NoClosedForm(
                f"no closed form: a step reads the sum of {', '.join(summed)} over many others; "
                "the adjoint recurrence is exact all the same"
            )
        delays: dict[str, int] = {}
        axes: set[int] = set()
        for edge in inside:
            for position, delay in enumerate(edge.delays):
                if delay:
                    axes.add(position)
                    delays[edge.used] = max(delays.get(edge.used, 1), abs(delay))
        if not delays:
            continue
        forward = any(d > 0 for e in inside for d in e.delays if d)
        for name in names:
            if name in driven:
                delays.setdefault(name, 1)
        states = {name: delays[name] for name in names if name in delays}
        found.append(_group(cell, tangents, names, states, forward))
    return found


def _group(
    cell: Cell,
    tangents: dict[str, Definition],
    names: tuple[str, ...],
    states: dict[str, int],
    forward: bool,
) -> Group:
    indices = {cell.templates[name].steps for name in states}
    if len(indices) != 1 or len(next(iter(indices))) != 1:
        listed = ", ".join(states)
        raise NoClosedForm(
            f"no closed form: the state(s) {listed} run over more than one index; "
            "the adjoint recurrence is exact all the same"
        )
    index = next(iter(indices))[0]
    end = next(axis.upper for axis in cell.axes if axis.index == index)
    group = Group(cell, tangents, names, states, forward, index, end, _start(cell, names, forward))
    reach = [r for name in names for r in _general(cell.defined[name]) if r.index == index]
    if any(r != group.reach for r in reach):
        raise NoClosedForm(
            f"no closed form: the equations of {', '.join(names)} begin or end at different "
            "steps; the adjoint recurrence is exact all the same"
        )
    if _enters_within(cell, names):
        raise NoClosedForm(
            f"no closed form: an equation of {', '.join(names)} about one step is a recurrence of "
            "its own; the adjoint recurrence is exact all the same"
        )
    return group


def _general(definition: Definition) -> list[Range]:
    """The times of the equations that hold at more than one."""
    return [r for piece in definition.pieces for r in piece.domain if not r.pinned]


def _start(cell: Cell, names: tuple[str, ...], forward: bool) -> Expr:
    first = _general(cell.defined[names[0]])[0]
    return first.lower if forward else first.upper


def _enters_within(cell: Cell, names: tuple[str, ...]) -> bool:
    """Whether an equation about one time reads the group at another one."""
    for name in names:
        for piece in cell.defined[name].pieces:
            at = {r.index: r.lower for r in piece.domain if r.pinned}
            times = tuple(at.values())
            for leaf in nodes_in(piece.value, Variable) if at else ():
                if leaf.name in names and tuple(s.xreplace(at) for s in leaf.steps) != times:
                    return True
    return False
