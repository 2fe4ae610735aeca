"""Checkpoints: the schedule runs a real backward pass, and costs what the topic says."""

from __future__ import annotations

from math import isqrt

import numpy as np
import pytest

from derivations.errors import InputError
from derivations.topics import topic
from derivations.topics.checkpointing.schedule import Action, cost, schedule
from tests.topics.facts import said

FACTS = """
m = T
m = T / s + s - 1
m >= 2*sqrt(T)-1
f = 2 * T - T / s
f < 2*T
"""


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str) -> None:
    assert fact in said(topic("checkpointing").build())


@pytest.mark.parametrize(("length", "spacing"), [(12, 1), (12, 3), (12, 4), (12, 12), (36, 6)])
def test_the_schedule_costs_what_the_formulas_say(length: int, spacing: int) -> None:
    found = cost(schedule(length, spacing))
    assert found.stored == length // spacing + spacing - 1
    assert found.forward == 2 * length - length // spacing


@pytest.mark.parametrize("length", [4, 25, 100, 400])
def test_storage_grows_like_the_root_of_the_length(length: int) -> None:
    assert cost(schedule(length, 1)).stored == length
    best = cost(schedule(length, isqrt(length)))
    assert best.stored == 2 * isqrt(length) - 1
    assert all(cost(schedule(length, s)).stored >= best.stored for s in range(1, length + 1, 7))


@pytest.mark.parametrize(("length", "spacing"), [(1, 1), (7, 3), (10, 4), (16, 4), (9, 20)])
def test_the_gradient_is_that_of_the_plain_backward_pass(length: int, spacing: int) -> None:
    """A tanh network: only states that the schedule holds are read."""
    draw = np.random.default_rng(length)
    weights, inputs = 0.6 * draw.standard_normal((3, 3)), draw.standard_normal((length + 1, 3))

    def gradient(actions: list[Action]) -> np.ndarray:
        states, total = {0: np.zeros(3)}, np.zeros((3, 3))
        adjoint = np.ones(3)
        for action in actions:
            step = action.step
            if action.verb == "forward":
                states[step] = np.tanh(weights @ states[step - 1] + inputs[step])
            elif action.verb == "backward":
                delta = (1 - states[step] ** 2) * adjoint
                total += np.outer(delta, states[step - 1])
                adjoint = weights.T @ delta
            else:
                del states[step]
        return total

    sparse = list(schedule(length, spacing))
    assert (gradient(sparse) == gradient(list(schedule(length, 1)))).all()
    assert [a.step for a in sparse if a.verb == "backward"] == list(range(length, 0, -1))


@pytest.mark.parametrize("bad", [(0, 1), (3, 0)])
def test_nothing_is_scheduled_for_no_steps(bad: tuple[int, int]) -> None:
    with pytest.raises(InputError):
        list(schedule(*bad))
