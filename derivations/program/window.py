"""Truncation: what a loss sends back is followed over a window of steps and no further.

The truncated adjoints are those of losses fewer than K steps later. For an adjoint recurrence
δ_i = s_i + Jᵀ δ_{i+1} they are δ_i of a sweep over all steps that reads δ_{i+1} of the sweep
before, after K sweeps from zero: every sweep lets each loss reach one step further back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.utilities.iterables import strongly_connected_components

from derivations.cell import Cell
from derivations.errors import MissingRule
from derivations.program.blocks import Block, Sweeps
from derivations.program.schedule import Program, depends_on, reads
from derivations.program.spans import gap
from derivations.program.values import Role, Value


def windowed(program: Program, cell: Cell, window: int) -> Program:
    """The program with its adjoint recurrences followed over a window of steps.

    Raises:
        MissingRule: something in the program that no window has a meaning for yet.
    """
    if len(cell.axes) != 1:
        raise MissingRule("truncation", "a cell with more than one time axis")
    axis = cell.axes[0].index
    values = program.values
    edges = _edges(values)
    crossing = {
        (name, use.leaf.name): delay
        for name, value in values.items()
        if value.role == "adjoint" and value.batched
        for use in reads(value)
        if values[use.leaf.name].role == "adjoint"
        and (delay := _crossed(use.leaf.steps, axis, edges.get(name)))
    }
    if not crossing:
        return program
    if window <= steps_before(values, "forward"):
        raise MissingRule("truncation", f"an equation before the first of {window} steps")
    members = _between({name for pair in crossing for name in pair}, program)
    names = [name for name in values if name in members]
    for name in names:
        _check(values[name], cell)
    links = {name: depends_on(values, name) for name in names}
    now = [(n, d) for n in names for d in names if d in links[n] and (n, d) not in crossing]
    order = strongly_connected_components((names, now))
    delays: dict[str, int] = {}
    for (_, source), delay in crossing.items():
        delays[source] = max(delay, delays.get(source, 0))
    swept = Sweeps(tuple(group[0] for group in order), cell.axes[0], delays, crossing, window)
    return replace(program, blocks=tuple(_replaced(program, swept)))


def steps_before(values: Mapping[str, Value], role: Role) -> int:
    """How many steps before the first one there are values of a role, such as that of h[0].

    A loss at step t reaches one of k steps before by t + k sweeps.
    """
    found = [
        1 - int(time)
        for value in values.values()
        for (_, time), edge in value.edges.items()
        if edge and edge in values and values[edge].role == role and time.is_Integer
    ]
    return max(found, default=0)


def _edges(values: Mapping[str, Value]) -> dict[str, Expr]:
    """Adjoint at one time beyond the steps → that time."""
    return {
        edge: time
        for value in values.values()
        if value.role == "adjoint"
        for (_, time), edge in value.edges.items()
        if edge is not None
    }


def _crossed(steps: Iterable[Expr], axis: Symbol, time: Expr | None) -> int:
    """How many steps later the step lies that is read; at ``time``, or at the generic step."""
    for step in steps:
        delay = gap(step, axis if time is None else time)
        if delay is None or delay < 0:
            raise MissingRule("truncation", "an adjoint that runs forward, or is read at one time")
        return delay
    return 0


def _between(ends: set[str], program: Program) -> set[str]:
    """The values, and everything that is computed from some and read by some of them."""
    values, found = program.values, set(ends)
    below: set[str] = set()
    above: set[str] = set()
    order = [name for block in program.blocks for name in block.names]
    links = {name: depends_on(values, name) for name in order}
    for _ in range(2):  # a loop depends on what comes after it in the order
        for name in order:
            if links[name] & (found | below):
                below.add(name)
        for name in reversed(order):
            if name in found | above:
                above |= links[name]
    return found | {n for n in below & above if values[n].role == "adjoint"}


def _check(value: Value, cell: Cell) -> None:
    (axis,) = cell.axes
    if any(term.domain for term in value.terms):
        raise MissingRule("truncation", f"{value.name}, which adds a term at some steps only")
    if any((r.lower, r.upper) != (1, axis.upper) for r in value.ranges):
        raise MissingRule("truncation", f"{value.name}, which begins at another step")
    if any(edge and gap(time, axis.upper) for (_, time), edge in value.edges.items()):
        raise MissingRule("truncation", f"{value.name} after the last step")


def _replaced(program: Program, swept: Sweeps) -> Iterable[Block]:
    """The other blocks around the sweeps: those that need them come after."""
    after: set[str] = set(swept.names)
    later: list[Block] = []
    for block in program.blocks:
        if set(block.names) <= set(swept.names):
            continue
        if any(depends_on(program.values, name) & after for name in block.names):
            after |= set(block.names)
            later.append(block)
        else:
            yield block
    yield swept
    yield from later
