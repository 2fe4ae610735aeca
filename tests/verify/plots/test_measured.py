"""What a plot shows is what autodiff says, and what mathematics says where that is known."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.catalogue import names
from derivations.deriver import Deriver
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Variable
from derivations.loading import load
from verify.evaluate import variable
from verify.oracles import Derivative, oracle
from verify.plots.command import RADII
from verify.plots.contributions import contributions
from verify.plots.given import given_sizes, read_weights
from verify.plots.last_loss import judged_at_the_end
from verify.plots.measured import measure, recurrences
from verify.plots.panels import Panel, Setting
from verify.plots.weights import (
    default_sizes,
    recurrent_parameters,
    with_radius,
)
from verify.problem import ForwardProblem

LENGTH = 9
WHATS = ("jacobian-norms", "spectrum", "gradient-by-age")


@lru_cache
def setting(cell: str, radii: tuple[float, ...] = RADII, length: int = LENGTH) -> Setting:
    """A cell of the catalogue, or equations line by line, at small sizes."""
    compiled = load(cell.splitlines() if "=" in cell else cell)
    axes = compiled.cell.axes
    sizes = {size: 3 + place for place, size in enumerate(compiled.cell.sizes)}
    return Setting(compiled, sizes, {axis.upper: length for axis in axes}, 0, radii)


def recurs(name: str) -> bool:
    """Whether a cell has a recurrence."""
    return bool(Deriver(load(name).cell).flow.groups)


RECURRENT = [name for name in names() if recurs(name)]


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("name", RECURRENT)
def test_every_recurrent_cell_has_curves(name: str, what) -> None:
    chosen = setting(name)
    if what == "gradient-by-age" and not factors(name):
        with pytest.raises(InputError, match="no parameter"):
            measure(chosen, what)
        return
    for panel in measure(chosen, what):
        assert [curve.radius for curve in panel.curves] == list(RADII)
        for curve in panel.curves:
            assert len(curve.x) == len(curve.y) > 0
            assert np.isfinite(curve.y).any()


def factors(name: str) -> frozenset[str]:
    """The recurrent parameters of a cell."""
    deriver = Deriver(load(name).cell)
    return recurrent_parameters(deriver.cell, recurrences(deriver))


def panel_of(chosen: Setting, what, number: int = 0) -> Panel:
    return measure(chosen, what)[number]


def problem_of(chosen: Setting, cell, radius: float) -> ForwardProblem:
    deriver = Deriver(cell)
    names_ = recurrent_parameters(cell, recurrences(deriver))
    weights = chosen.weights(radius, names_)
    return ForwardProblem.of(cell, chosen.ends, chosen.sizes, weights, chosen.seed)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru-reset-after", "rnn-skip", "bi-rnn"])
def test_norms_are_those_of_autodiff(name: str) -> None:
    chosen = setting(name, (0.9, 2.0))
    groups = recurrences(Deriver(chosen.cell))
    states = [(group, state) for group in groups for state in group.states]
    for panel, (group, state) in zip(measure(chosen, "jacobian-norms"), states, strict=True):
        for curve in panel.curves:
            problem = problem_of(chosen, chosen.cell, float(curve.radius or 0))
            for lag in (0, 1, 4, LENGTH):
                last = LENGTH if group.forward else 1
                early = last - lag if group.forward else last + lag
                if not 0 <= early <= LENGTH + 1 or np.isnan(curve.y[lag]):
                    continue
                asked = Derivative(variable(state, last), variable(state, early))
                found = oracle("autodiff").derivatives([asked], problem)[asked].value
                assert np.linalg.norm(found, 2) == pytest.approx(curve.y[lag], rel=1e-9)


@pytest.mark.parametrize("name", ["rnn", "lstm", "rnn-leaky", "char-lm"])
def test_contributions_add_up_to_the_gradient_of_autodiff(name: str) -> None:
    """Norms do not add, but for a parameter of one entry they do up to sign: so sizes are 1."""
    compiled = load(name)
    sizes = dict.fromkeys(compiled.cell.sizes, 1)
    ends = {axis.upper: LENGTH for axis in compiled.cell.axes}
    chosen = Setting(compiled, sizes, ends, 0, (0.9,))
    judged = judged_at_the_end(compiled).cell
    for parameter in sorted(factors(name)):
        problem = problem_of(chosen, judged, 0.9)
        found = contributions(
            compiled, [parameter], chosen.weights(0.9, factors(name)), sizes, ends, 0
        )
        (part,) = found.values()
        ages = part.ages
        assert part.names == [parameter]
        asked = Derivative(variable("loss"), variable(parameter))
        gradient = abs(oracle("autodiff").derivatives([asked], problem)[asked].value.item())
        assert sorted(ages) == list(range(LENGTH))
        assert gradient <= sum(ages.values()) * (1 + 1e-9)
        assert gradient >= 2 * max(ages.values()) - sum(ages.values()) - 1e-12


def test_the_only_age_of_one_step_is_the_whole_gradient() -> None:
    compiled = load("rnn")
    chosen = setting("rnn", (1.0,), 1)
    judged = judged_at_the_end(compiled).cell
    asked = Derivative(variable("loss"), variable("W_hx"))
    problem = problem_of(chosen, judged, 1.0)
    gradient = oracle("autodiff").derivatives([asked], problem)[asked].value
    free = chosen.weights(1.0, factors("rnn"))
    found = contributions(compiled, ["W_hx"], free, chosen.sizes, chosen.ends, 0)
    assert found["t"].ages[0] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.0])
def test_a_linear_recurrence_has_the_powers_of_its_radius(radius: float) -> None:
    chosen = setting("h[t] = w * h[t-1] + x[t]\nw: scalar\nx: scalar", (radius,))
    (curve,) = panel_of(chosen, "jacobian-norms").curves
    assert curve.y == pytest.approx([radius**lag for lag in range(LENGTH + 1)])
    (curve,) = panel_of(chosen, "spectrum").curves
    assert np.hypot(curve.x, curve.y) == pytest.approx(radius)
    (curve,) = panel_of(chosen, "spectrum", 1).curves
    assert curve.y == pytest.approx([radius**LENGTH])


def test_small_radii_vanish_and_large_ones_explode() -> None:
    chosen = setting("h[t] = W @ h[t-1] + x[t]", (0.5, 1.5), 40)
    small, large = panel_of(chosen, "jacobian-norms").curves
    assert small.y[-1] < 1e-6 and large.y[-1] > 1e4


def test_the_last_loss_is_the_last_term() -> None:
    judged = judged_at_the_end(load("rnn"))
    (piece,) = judged.cell.defined["loss"].pieces
    (axis,) = judged.cell.axes
    timed = [v for v in piece.value.atoms(Variable) if v.steps]
    assert [tuple(v.steps) for v in timed] == [(axis.upper,)] * 2
    at_end = load("rnn-leaky")
    assert judged_at_the_end(at_end).cell.defined["loss"] == at_end.cell.defined["loss"]


def test_what_multiplies_a_state_is_recurrent() -> None:
    assert factors("lstm") == {"U_f", "U_i", "U_o", "U_g"}
    assert factors("rnn") == {"W_hh"}
    assert factors("rnn-leaky") == {"W"}
    assert factors("rnn-skip-outer") == {"W", "W_s"}
    assert factors("linear-unit") == {"w"}
    assert not factors("rnn-generic")


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_each_square_block_gets_the_radius(gates: int, size: int, seed: int, radius: float) -> None:
    drawn = np.random.default_rng(seed).standard_normal((gates * size, size))
    for block in np.split(with_radius(drawn, radius), gates):
        assert np.max(np.abs(np.linalg.eigvals(block))) == pytest.approx(radius, rel=1e-6)


def test_a_matrix_without_square_blocks_gets_the_norm() -> None:
    drawn = np.random.default_rng(0).standard_normal((3, 5))
    assert np.linalg.norm(with_radius(drawn, 2.5), 2) == pytest.approx(2.5)


def test_states_are_wide_and_matrix_states_are_not() -> None:
    for text, rows in (("h[t] = W @ h[t-1]", 32), ("S[t] = W @ S[t-1] + v[t] @ k[t].T", 6)):
        deriver = Deriver(load(text.splitlines()).cell)
        sizes = default_sizes(deriver.cell, recurrences(deriver))
        (state,) = recurrences(deriver)[0].states
        assert {sizes[s] for e in deriver.cell.templates[state].shape for s in e.free_symbols} == {
            rows
        }


def test_given_weights_are_the_weights(tmp_path) -> None:
    path = tmp_path / "weights.npz"
    matrix = np.array([[0.0, 2.0], [0.5, 0.0]])
    np.savez(path, W=matrix, x=np.zeros((7, 2)))
    compiled = load(["h[t] = W @ h[t-1] + x[t]"])
    given_ = read_weights(str(path), compiled.cell)
    known = given_sizes(compiled.cell, given_)
    (axis,) = compiled.cell.axes
    assert known == {axis.upper: 7, compiled.cell.sizes[0]: 2}
    ends = {axis.upper: known.pop(axis.upper)}
    chosen = Setting(compiled, known, ends, 0, (), given_)
    (curve,) = panel_of(chosen, "jacobian-norms").curves
    assert curve.radius is None
    powers = [np.linalg.norm(np.linalg.matrix_power(matrix, lag), 2) for lag in range(8)]
    assert curve.y == pytest.approx(powers)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"V": np.eye(2)}, "no parameter or input V"),
        ({"W": np.zeros((2, 3))}, "W has 3 where"),
        ({"W": np.eye(2), "b": np.zeros(3)}, "b has 3 where"),
        ({"W": np.zeros((2, 2, 2))}, "shape"),
    ],
    ids=lambda value: "",
)
def test_given_weights_that_do_not_fit_are_refused(arrays, message: str, tmp_path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, **arrays)
    cell = load(["h[t] = tanh(W @ h[t-1] + b)"]).cell
    with pytest.raises(InputError, match=message):
        given_sizes(cell, read_weights(str(path), cell))


def test_a_file_that_holds_no_weights_is_refused(tmp_path) -> None:
    path = tmp_path / "weights.npz"
    path.write_text("nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read_weights(str(path), load("rnn").cell)


def test_a_cell_without_recurrence_is_refused() -> None:
    with pytest.raises(GradproofError, match="no recurrence"):
        measure(setting("multiplicative-unit"), "spectrum")


def test_curves_are_numbers_that_json_holds() -> None:
    for panel in measure(setting("rnn", (0.5,)), "jacobian-norms"):
        for curve in panel.curves:
            assert json.loads(json.dumps(curve.y)) == list(curve.y)
