"""The order of work: what is computed for all steps at once, and what runs in a loop.

Values that depend on one another through earlier steps form a loop; everything else is computed
for all of its steps at once, before the loops that read it or after those that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol
from sympy.utilities.iterables import strongly_connected_components

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions.traverse import symbols_of
from derivations.program.blocks import Block, Loop, Whole
from derivations.program.spans import Use, gap, uses
from derivations.program.values import Value, times_beyond


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        values: every value by name.
        blocks: what is computed, in order.
        asked: the values that it is run for.
    """

    values: Mapping[str, Value]
    blocks: tuple[Block, ...]
    asked: frozenset[str]

    @cached_property
    def block_of(self) -> dict[str, Block]:
        """Which block computes a value."""
        return {name: block for block in self.blocks for name in block.names}


def reads(value: Value) -> Iterable[Use]:
    """Every read of another value."""
    for term in value.terms:
        domain = {r.index: r for r in term.domain}
        yield from uses(term.value, [domain.get(r.index, r) for r in value.ranges])


def depends_on(values: Mapping[str, Value], name: str) -> set[str]:
    """The values that one value is computed from, edges of arrays included."""
    found: set[str] = set()
    for use in reads(values[name]):
        source = values[use.leaf.name]
        found.add(source.name)
        edges = (source.edges[place] for place in times_beyond(source, use))
        found.update(edge for edge in edges if edge is not None)
    return found


def schedule(values: Mapping[str, Value], asked: Iterable[str]) -> Program:
    """The blocks that compute what is asked for, and nothing else.

    Args:
        values: every value by name.
        asked: names of those to compute.

    Raises:
        MissingRule: a recurrence that no loop over one axis can run.
    """
    needed: dict[str, set[str]] = {}
    wanted = frozenset(asked)
    waiting = [*wanted]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = depends_on(values, name)
            waiting.extend(needed[name])
    order = {name: place for place, name in enumerate(values)}
    names = sorted(needed, key=order.__getitem__)
    links = [
        (name, other) for name in names for other in sorted(needed[name], key=order.__getitem__)
    ]
    groups = strongly_connected_components((names, links))
    blocks: list[Block] = []
    for group in groups:
        members = sorted(group, key=order.__getitem__)
        if len(members) == 1 and members[0] not in needed[members[0]]:
            if not values[members[0]].given:
                blocks.append(Whole(members[0]))
        else:
            blocks.append(_loop(values, members))
    return Program({name: values[name] for name in names}, tuple(blocks), wanted)


def _loop(values: Mapping[str, Value], names: list[str]) -> Loop:
    inside = [
        (name, use) for name in names for use in reads(values[name]) if use.leaf.name in names
    ]
    index = _axis(values, names, inside)
    delays: dict[str, int] = {}
    now: list[tuple[str, str]] = []
    for name, use in inside:
        delay = _delay(use, index)
        if delay:
            known = delays.get(use.leaf.name, 0)
            delays[use.leaf.name] = delay if abs(delay) > abs(known) else known
        else:
            now.append((name, use.leaf.name))
    if len({delay > 0 for delay in delays.values()}) > 1:
        raise MissingRule("export", f"a recurrence of {', '.join(names)} in both directions")
    steps = strongly_connected_components((names, now))
    if any(len(group) > 1 for group in steps):
        raise MissingRule("export", f"a recurrence of {', '.join(names)} within one step")
    over = {next(r for r in values[name].ranges if r.index == index) for name in names}
    if len(over) > 1:
        raise MissingRule(
            "export", f"a loop over {', '.join(names)}, which begin at different steps"
        )
    for name in names:
        if any(term.domain for term in values[name].terms):
            raise MissingRule("export", f"{name}, which adds a term at some steps of a loop only")
    forward = next(iter(delays.values())) > 0
    ordered = tuple(group[0] for group in steps)
    return Loop(ordered, next(iter(over)), forward, {n: abs(d) for n, d in delays.items()})


def _axis(values: Mapping[str, Value], names: list[str], inside: list[tuple[str, Use]]) -> Symbol:
    """The one index along which the values recur."""
    found: set[Symbol] = set()
    for _, use in inside:
        own = values[use.leaf.name].target.steps
        for index, step in zip(own, use.leaf.steps, strict=True):
            if index in symbols_of(step) and gap(step, index):
                found.add(index)
    if len(found) != 1:
        kind = "no fixed delay" if not found else f"delays along {' and '.join(map(str, found))}"
        raise MissingRule("export", f"a recurrence of {', '.join(names)} with {kind}")
    return next(iter(found))


def _delay(use: Use, index: Symbol) -> int:
    """How many steps back a read inside a loop goes."""
    for step in use.leaf.steps:
        if index in symbols_of(step):
            delay = gap(index, step)
            if delay is not None:
                return delay
    raise MissingRule("export", f"a loop that reads {use.leaf.name} at a step other than its own")


def only_left(loop: Loop, later: Iterable[Block], values: Mapping[str, Value]) -> set[str]:
    """The values of a loop of one axis that later blocks read at its last computed step alone."""
    last = loop.over.upper if loop.forward else loop.over.lower
    found = {n for n in loop.delays if len(values[n].ranges) == 1}
    seen: set[str] = set()
    for block in later:
        for use in (use for name in block.names for use in reads(values[name])):
            if use.leaf.name in found:
                seen.add(use.leaf.name)
                if use.leaf.steps[0] != last:
                    found.discard(use.leaf.name)
    return found & seen


def steps_in(over: Range) -> Expr:
    """How many steps a range has."""
    return (over.upper - over.lower + 1).expand()
