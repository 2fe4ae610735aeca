"""Sampled values: reproducible, in their regime, and honest about what is not finite."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Symbol

from derivations.cell import Axis, Cell, Definition, Piece
from derivations.expressions.nodes import Apply, Constant, Variable
from verify.evaluate import variable
from verify.sampling import REGIMES, Sampler, finite_sampler

T, n = Symbol("T", integer=True), Symbol("n", integer=True, positive=True)


def tiny_cell(function):
    a, loss = Variable("a", (), Integer(1), Integer(1)), Variable("loss", (), 1, 1)
    definitions = (Definition(loss, (Piece(Apply(function, (0,), a)),)),)
    axes = (Axis(Symbol("t", integer=True), T),)
    return Cell("tiny", "", definitions, definitions, axes, {"a": a, "loss": loss})


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_values_depend_on_seed_and_key_alone(regime, toolbox):
    first, second = (toolbox.problem("rnn", end, regime=regime).free for end in (3, 9))
    keys = [variable("W"), variable("x", 2), variable("h", 0), variable("y", 1)]
    forwards = {key: first(key) for key in keys}
    for key in reversed(keys):
        assert (second(key) == forwards[key]).all()
    other = toolbox.problem("rnn", seed=2, regime=regime).free
    assert (other(variable("W")) != forwards[keys[0]]).any()


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_distributions_sum_to_one(regime, toolbox):
    y = toolbox.problem("rnn", regime=regime).free(variable("y", 1))
    assert y.shape == (4, 1)
    assert (y > 0).all()
    assert y.sum() == pytest.approx(1)


def test_start_values_and_biases_are_not_zero(toolbox):
    free = toolbox.problem("rnn").free
    assert all(free(key).all() for key in (variable("h", 0), variable("b")))


@pytest.mark.parametrize(("regime", "radius"), [("exploding", 2.0), ("vanishing", 0.1)])
def test_spectral_radius(regime, radius, toolbox):
    W = toolbox.problem("rnn", regime=regime).free(variable("W"))
    assert np.max(np.abs(np.linalg.eigvals(W))) == pytest.approx(radius)


def test_neighbours_are_near_and_differ(toolbox):
    free = toolbox.problem("rnn", regime="zeros").free
    key = variable("b")
    moved = [free.neighbour(seed, 1e-4)(key) for seed in (1, 2)]
    assert not free(key).any()
    assert all(0 < np.linalg.norm(value) < 1e-2 for value in moved)
    assert (moved[0] != moved[1]).any()


def test_what_goes_into_a_logarithm_is_positive():
    cell = tiny_cell("log")
    for seed in range(5):
        assert Sampler(cell, {}, {}, seed)(variable("a")).item() > 0


def test_nothing_finite_is_reported_and_not_passed():
    assert finite_sampler(tiny_cell("tanh"), {}, {}, 0, "generic") is not None
    overflow = tiny_cell("exp")
    hopeless = Definition(
        overflow.definitions[0].target,
        (Piece(Apply("log", (0,), Apply("sin", (0,), Apply("linear", (0,), Constant(-1, 1, 1))))),),
    )
    cell = replace(overflow, definitions=(hopeless,))
    assert finite_sampler(cell, {}, {}, 0, "generic", tries=3) is None
