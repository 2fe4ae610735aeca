"""The unrolled graph has the reads of the typed equations, and paths where cotangents flow back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

import pytest
from sympy import Integer

from derivations.calculus.adjoint import adjoints
from derivations.calculus.unroll import write_out
from derivations.catalogue import names
from derivations.cell import LOSS, Cell, Range
from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Variable
from derivations.expressions.traverse import substitute
from derivations.loading import load
from derivations.unrolled.asked import asked_paths, read_asked
from derivations.unrolled.drawn import computation_graph
from derivations.unrolled.graph import Edge, Graph, Node, is_loss, unrolled
from derivations.unrolled.paths import Kept, paths
from derivations.unrolled.times import environments, numbers
from verify.strategies import random_cell

LENGTH = 3
CELLS = [
    *names(),
    "s[t] = tanh(W @ s[t-1] + x[t])\nh[t] = s[t] + tanh(U @ h[t-2])",
    "a[t] = W @ x[t]\nh[t] = tanh(sum(j, 1, t-1, a[j]) + U @ h[t+1])",
    *(random_cell(Random(seed)) for seed in range(12)),
]


def typed(cell: str) -> Cell:
    return load(cell.splitlines() if "=" in cell else cell).cell


@lru_cache
def graph(cell: str, named_arguments: bool = False) -> Graph:
    about = typed(cell)
    ends = {axis.upper: Integer(LENGTH) for axis in about.axes}
    return unrolled(about, ends, named_arguments)


def node(variable: Variable) -> Node:
    return Node(variable.name, tuple(map(int, variable.steps)))


def times(drawn: Graph, target: Variable, domain: tuple[Range, ...]) -> Iterator[dict]:
    said = {r.index for r in domain}
    uppers = {axis.index: axis.upper for axis in drawn.cell.axes}
    rest = [Range(i, Integer(1), uppers[i]) for i in target.steps if i not in said]
    return environments((*domain, *rest), drawn.ends)


@pytest.mark.parametrize("cell", CELLS)
def test_an_edge_is_a_read(cell: str) -> None:
    drawn = graph(cell)
    reads = set()
    for definition in drawn.definitions:
        for piece in definition.pieces:
            for env in times(drawn, definition.target, piece.domain):
                user = Node(definition.name, numbers(definition.target.steps, env))
                value = write_out(substitute(piece.value, env), [10_000])
                reads |= {(node(v), user) for v in value.atoms(Variable)}
    assert {(edge.used, edge.user) for edge in drawn.edges} == reads
    assert len(drawn.edges) == len(reads)


@pytest.mark.parametrize("cell", CELLS)
def test_paths_run_where_the_reverse_sweep_carries_a_cotangent(cell: str) -> None:
    drawn = graph(cell, named_arguments=True)
    sweep = set()
    for definition in adjoints(drawn.cell).values():
        for piece in definition.pieces:
            for env in times(drawn, definition.target.variable, piece.domain):
                used = Node(definition.name, numbers(definition.target.steps, env))
                value = write_out(substitute(piece.value, env), [10_000])
                users = {node(adjoint.variable) for adjoint in value.atoms(Adjoint)}
                sweep |= {(used, user) for user in users or {Node(LOSS, ())}}
    # What nothing applies to is zero: an output of the last step that only a next one would read.
    reached = {Node(LOSS, ())}
    while more := {used for used, user in sweep if user in reached} - reached:
        reached |= more
    sweep = {(used, user) for used, user in sweep if user in reached}
    found = paths(drawn, [n for n in drawn.nodes if not is_loss(n)], Node(LOSS, ()), Kept())
    assert {(edge.used, edge.user) for edge in found.kept} == sweep
    assert not found.missed


def walks(drawn: Graph, start: Node, target: Node) -> Iterator[tuple[Edge, ...]]:
    """Every path, one by one."""
    if start == target:
        yield ()
    for edge in drawn.edges:
        if edge.used == start:
            yield from ((edge, *rest) for rest in walks(drawn, edge.user, target))


@pytest.mark.parametrize("which", [Kept(), Kept(immediate=True), Kept(window=1), Kept(window=2)])
@pytest.mark.parametrize(
    "cell", ["rnn", "lstm", "bi-rnn", "rnn-skip", "seq2seq", CELLS[len(names())]]
)
def test_paths_are_those_found_one_by_one(cell: str, which: Kept) -> None:
    drawn = graph(cell)
    for variable in [*drawn.cell.parameters[:2], *drawn.cell.inputs[:1]]:
        start = next(n for n in drawn.nodes if n.name == variable.name)
        every = list(walks(drawn, start, Node(LOSS, ())))
        window = which.window or 10**9
        kept = [
            path
            for path in every
            if (len(path) == 1 if which.immediate else sum(e.delay for e in path) < window)
        ]
        left_out = [path for path in every if path not in kept]
        found = paths(drawn, [start], Node(LOSS, ()), which)
        assert (found.kept_count, found.missed_count) == (len(kept), len(left_out))
        assert found.kept == {edge for path in kept for edge in path}
        assert found.missed == {edge for path in left_out for edge in path}


def test_a_sum_over_a_whole_axis_is_no_delay_and_one_over_the_past_is() -> None:
    (attention,) = (c for c in names() if c == "attention-decoder")
    softmax = [e for e in graph(attention).edges if e.used.name == "e"]
    assert len(softmax) > LENGTH**2 and not any(e.delay for e in softmax)
    past = graph(CELLS[len(names()) + 1])
    assert {e.delay for e in past.edges if e.used.name == "a"} == {1, 2}


@pytest.mark.parametrize(
    ("query", "above", "below"),
    [
        ("dh[T]/dh[k]", ("h", (3,)), ("h", (0,))),
        ("dh[2]/dh[1]", ("h", (2,)), ("h", (1,))),
        (r"\frac{\partial L}{\partial W_{hh}}", (LOSS, ()), ("W_hh", ())),
        ("dh[5]/dW_hh[1,2]", ("h", (5,)), ("W_hh", ())),
    ],
)
def test_a_query_is_shown_at_times_with_most_paths(query: str, above: tuple, below: tuple) -> None:
    found = computation_graph("rnn", query).paths
    assert found is not None
    assert found.target == Node(*above)
    assert found.sources == (Node(*below),)
    assert found.kept_count > 0


def test_the_arguments_of_nonlinearities_are_nodes_where_they_are_asked_about() -> None:
    asked = read_asked(load("lstm"), "dL/da_f[t]")
    assert asked.names_arguments
    found = asked_paths(graph("lstm", named_arguments=True), asked, None)
    assert found.kept_count
    assert all(n.name != "a_f" for n in graph("lstm").nodes)


def test_of_the_cell_state_the_immediate_partial_misses_what_goes_through_the_gates() -> None:
    found = computation_graph("lstm", "direct dc[t]/dc[t-1]").paths
    assert found is not None
    assert (found.kept_count, found.missed_count) == (1, 3)
    assert {edge.user.name for edge in found.missed} == {"h", "f", "i", "g", "c"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": "dh[9]/dh[1]", "steps": 3}, "no time"),
        ({"window": 2}, "about a gradient"),
        ({"query": "dL/dW_hh", "window": 0}, "at least one"),
        ({"steps": 21}, "21 steps"),
        ({"query": "dL/dnothing"}, "no variable"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        computation_graph("rnn", **options)


def test_a_graph_that_nobody_could_read_is_refused() -> None:
    lines = ["h[t] = tanh(sum(j, 1, T, x[j]) + sum(j, 1, T, u[j]) + W @ h[t-1])"]
    many = [*lines, *(f"a{i}[t] = h[t] + sum(j, 1, T, x[j])" for i in range(40))]
    with pytest.raises(InputError, match="more than"):
        computation_graph(many, steps=20)
