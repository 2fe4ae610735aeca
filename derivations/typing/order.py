"""Whether every value of a cell can be computed: no cycle within a step, one direction in time."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from derivations.calculus.graph import Edge, edges, recurrent_groups
from derivations.cell import Cell
from derivations.errors import InputError
from derivations.language.tree import Equation, Span


def check_order(cell: Cell, equations: tuple[Equation, ...]) -> None:
    """Check that the equations can be evaluated in some order.

    Raises:
        InputError: an instantaneous cycle, named; or a group of variables that needs both its
            own past and its own future.
    """
    spans = {equation.target.name: equation.target.span for equation in equations}
    found = [edge for edge in edges(cell.written) if edge.used in cell.defined and not edge.pinned]
    _check_instantaneous(found, spans)
    for group in recurrent_groups(cell):
        _check_direction(group, found, spans)


def _check_instantaneous(found: list[Edge], spans: dict[str, Span]) -> None:
    graph: dict[str, set[str]] = {}
    for edge in found:
        if edge.instantaneous:
            graph.setdefault(edge.user, set()).add(edge.used)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = list(reversed(error.args[1]))
        _check_summed(list(pairwise(cycle)), found, spans)
        raise InputError(
            f"instantaneous cycle: {' needs '.join(cycle)} at the same step",
            spans[cycle[0]],
            f"let one of them use the step before, as in {cycle[1]}[t-1]",
        ) from None


def _check_summed(cycle: list[tuple[str, str]], found: list[Edge], spans: dict[str, Span]) -> None:
    """A cycle through a sum that reaches its own step, or through a fixed step."""
    for edge in found:
        own_axis = edge.instantaneous and not any(delay == 0 for delay in edge.delays)
        if (edge.user, edge.used) in cycle and own_axis and edge.steps:
            raise InputError(
                f"{edge.user} needs {edge.used} at a fixed step or in a sum that reaches its own "
                f"step, and {edge.used} is computed from {edge.user}",
                spans[edge.user],
                f"let the sum end one step before, as in sum(j, 1, t-1, {edge.used}[j])",
            )


def _check_direction(group: tuple[str, ...], found: list[Edge], spans: dict[str, Span]) -> None:
    inside = [edge for edge in found if edge.user in group and edge.used in group]
    delays = [delay for edge in inside for delay in (*edge.delays, edge.beyond) if delay]
    if any(delay > 0 for delay in delays) and any(delay < 0 for delay in delays):
        raise InputError(
            f"{', '.join(group)} depend(s) on both the past and the future of the same group",
            spans[group[0]],
            "split it into one state that runs forward and one that runs backward",
        )
