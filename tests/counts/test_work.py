"""Work and storage of a step, against what running the equations does."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from derivations.calculus.rewrites import Rewriter
from derivations.catalogue import names, read
from derivations.cell import Definition
from derivations.counts import Counts, count
from derivations.counts.operations import work
from derivations.counts.walk import Tally, Walk
from derivations.derivation import Formula
from derivations.expressions.nodes import KINDS, Variable
from derivations.showing import shown
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System, adjoint, variable
from verify.evaluate.frame import VARIABLE
from verify.sampling import Sampler

SHORT, LONG = 6, 7
ONE_AXIS = [name for name in names() if len(count(name).cell.axes) == 1]
PLAIN = {
    "rnn": "", "bi-rnn": "", "char-lm": "", "lstm": "h", "rnn-skip": "h",
    "rnn-deep": "h_2", "lstm-deep": "h_2",
}  # fmt: skip
"""Cells whose matrix products are all between dense factors, with what a loss is still to judge."""


class Counting(NumpyArithmetic):
    """Floating point that counts the multiply-adds of matrix products."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0

    def matmul(self, a: Any, b: Any) -> Any:
        self.done += a.shape[-2] * a.shape[-1] * b.shape[-1]
        return super().matmul(a, b)


@lru_cache
def counted(name: str) -> Counts:
    """The counts of a cell of the catalogue."""
    return count(name)


def some_sizes(counts: Counts) -> dict:
    """Sizes that are all different."""
    return {size: 2 + 3 * place for place, size in enumerate(counts.cell.sizes)}


def system(counts: Counts, sizes: dict, length: int) -> tuple[System, Counting]:
    """A cell with its derived recurrences at a length, and what it multiplies."""
    counting, cell, deriver = Counting(), counts.cell, counts.steps.deriver
    ends = {axis.upper: length for axis in cell.axes}
    derived = [
        Definition(
            adjoint.target,
            tuple(replace(p, value=Rewriter(cell).value(p.value)) for p in deriver.pieces(name)),
        )
        for name, adjoint in deriver.adjoints.items()
    ]
    sampler = Sampler(cell, sizes, ends)
    return System((*cell.definitions, *derived), counting, ends, sizes, sampler), counting


def run(counts: Counts, sizes: dict, length: int) -> tuple[int, int]:
    """Multiply-adds of matrix products, forward and backward."""
    running, counting = system(counts, sizes, length)
    running.value(variable("loss"))
    forward = counting.done
    for parameter in counts.steps.wanted:
        running.value(adjoint(parameter))
    return forward, counting.done - forward


class Products(Walk):
    """The walk, counting the products of matrices only."""

    def _charge(self, node: Any, *rest: Any) -> None:
        if type(node).__name__ == "MatMul":
            super()._charge(node, *rest)


@pytest.mark.parametrize(("name", "judged"), PLAIN.items(), ids=str)
def test_one_more_step_multiplies_what_the_formula_says(
    name: str, judged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("derivations.counts.steps.Walk", Products)
    loss = f"loss = sum(t, 1, T, squared_error({judged}[t], y[t]))" if judged else ""
    counts = count([*read(name).splitlines(), loss])
    sizes = some_sizes(counts)
    step = frozenset(axis.index for axis in counts.cell.axes)
    tallies = (counts.steps.forward[step], counts.steps.backward[step])
    formulas = [tally.counts[0].at(sizes).value for tally in tallies]
    short, long = run(counts, sizes, SHORT), run(counts, sizes, LONG)
    assert formulas == [b - a for a, b in zip(short, long, strict=True)]


@pytest.mark.parametrize("name", ONE_AXIS)
def test_every_value_that_the_backward_pass_reads_is_kept(name: str) -> None:
    counts = counted(name)
    running, _ = system(counts, some_sizes(counts), LONG)
    for parameter in counts.steps.wanted:
        running.value(adjoint(parameter))
    parameters = {v.name for v in counts.cell.parameters}
    adjoints = [key for key in running.frame.values if key[0] != VARIABLE]
    reading = {key for a in adjoints for key in running.reads(a) if key[0] == VARIABLE}
    held = {
        leaf.name
        for stored in counts.steps.kept.values()
        for value in stored.values
        for leaf in value.atoms(Variable)
    }
    # A subexpression that is kept (tanh(c)) stands for what it is computed from.
    assert held - parameters == {str(key[1]) for key in reading} - parameters


def formula(tally: Tally) -> tuple[str, str]:
    """Multiply-adds and function values as text."""
    multiply_adds, functions = tally.counts
    return multiply_adds.text(), functions.text()


def test_an_lstm_step_by_hand() -> None:
    steps = counted("lstm").steps
    (scope,) = steps.forward
    # Four affine maps; f*c + i*g and o*tanh(c); one addition to the loss.
    assert formula(steps.forward[scope]) == ("4*(m*n + n**2) + 3*n + 1", "5*n")
    # U.T and two outer products for each gate; 4 for dL/dc, 4*4 less one fused for the slopes, and
    # 4 additions to the gradients of the biases.
    assert formula(steps.backward[scope]) == ("4*m*n + 8*n**2 + 23*n", "0")
    assert steps.kept[scope].count.text() == "7*n + m"
    assert steps.carried_forward.count.text() == "2*n"


def test_stacking_the_maps_changes_no_count() -> None:
    separate, fused = counted("lstm").steps, counted("lstm-fused").steps
    for a, b in ((separate.forward, fused.forward), (separate.backward, fused.backward)):
        kept = [[formula(tally) for tally in c.values() if any(tally.counts)] for c in (a, b)]
        assert kept[0] == kept[1]


def test_what_two_adjoints_share_is_counted_once() -> None:
    """U_h.T @ dL/da_hhat[t] goes to r[t] and to h[t-1]."""
    (scope,) = counted("gru").steps.backward.keys() - {frozenset()}
    assert "6*n**2" in formula(counted("gru").steps.backward[scope])[0]


def test_a_value_two_steps_back_is_held_twice() -> None:
    assert counted("rnn-skip").steps.carried_forward.count.text() == "2*n"


def test_a_loss_at_the_end_is_counted_once() -> None:
    counts = counted("rnn-leaky")
    once = counts.steps.backward[frozenset()]
    assert formula(once)[0] == "2*m*n"
    assert once.calls == {"derivative of ell": 1}


def test_attention_is_counted_for_each_pair_of_steps() -> None:
    counts = counted("attention-decoder")
    t, s = (next(a.index for a in counts.cell.axes if str(a.index) == name) for name in "ts")
    assert {frozenset({t}), frozenset({s}), frozenset({s, t})} <= counts.steps.forward.keys()
    n = counts.cell.templates["h"].shape[0]
    pair = counts.steps.forward[frozenset({s, t})]
    # One product d·h for the score, one a·h for the context, one addition to the normalizer.
    assert formula(pair) == (f"2*{n} + 1", "2")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_node_has_a_rule(kind: type) -> None:
    assert work.dispatch(kind) is not work.dispatch(object)


def test_a_kind_without_a_rule_says_so() -> None:
    with pytest.raises(Exception, match="operation count"):
        work(Formula)


@pytest.mark.parametrize("name", names())
def test_every_cell_is_shown_with_its_counts_and_still_reads_as_itself(name: str) -> None:
    text = shown(name, (), counted=True)
    assert "# Parameters: " in text
    assert count(text.splitlines()).parameters.count.text() == counted(name).parameters.count.text()


def test_kept_values_are_as_many_as_their_arrays_hold() -> None:
    counts = counted("lstm")
    sizes = some_sizes(counts)
    running, _ = system(counts, sizes, SHORT)
    (index,) = (axis.index for axis in counts.cell.axes)
    (stored,) = counts.steps.kept.values()
    held = sum(np.size(running.evaluate(value, {index: 3})) for value in stored.values)
    assert stored.count.at(sizes).value == held
