"""Right formulas pass and wrong ones do not where floating point is at its limits.

Overflow and underflow, units that stay at a kink however inputs move, slopes that vanish.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from sympy import MatMul, Rational

from derivations.deriver import Deriver
from derivations.loading import load
from verify import disputes
from verify.cases import Case
from verify.floating import check_identities
from verify.identities import identities
from verify.oracles import ORACLES

WRONG = 1 + Rational(1, 10**6)

EXTREME = {
    "square": ["h[t] = W @ (h[t-1] * h[t-1]) + x[t]", "loss = sum(t, 1, T, ell(h[t]))"],
    "power": ["h[t] = x[t] ** 23 * h[t-1]", "loss = sum(t, 1, T, dot(h[t], y[t]))"],
    "quotient": ["h[t] = h[t-1] / (a * x[t]) ** 9", "loss = sum(t, 1, T, dot(h[t], y[t]))"],
    "root": ["h[t] = sqrt(x[t] ** 30 + h[t-1] * h[t-1])", "loss = dot(h[T], y)"],
    "norm": [
        "v[t] = W @ x[t] ** 20",
        "h[t] = v[t] / norm(v[t]) + h[t-1]",
        "loss = sum(t, 1, T, squared_error(h[t], y[t]))",
    ],
}
"""Values as large as 1e200 and as small as 1e-320, and their slopes."""

DEAD = {
    "relu": ["u[t] = relu(-x[t] * x[t] - 1)", "h[t] = relu(W @ u[t]) + h[t-1]"],
    "abs": ["u[t] = relu(-x[t] * x[t] - 1)", "h[t] = abs(u[t]) + h[t-1]"],
    "leaky": ["u[t] = relu(W @ u[t-1] - 9)", "h[t] = leaky_relu(u[t] + h[t-1])"],
    "hard": ["u[t] = hard_tanh(9 + x[t] * x[t])", "h[t] = hard_tanh(u[t]) + h[t-1]"],
}
"""What the second function reads is at its kink, at this point and at every neighbour."""


@cache
def derived(equations):
    deriver = Deriver(load(list(equations)).cell)
    found, _ = identities(deriver)
    return deriver.cell, tuple(deriver.adjoints.values()), found


def checked(equations, method, regime, length, factor=None):
    """All formulas of a cell at one case, each multiplied by a factor."""
    cell, recurrences, found = derived(tuple(equations))
    if factor is not None:
        found = [
            replace(i, formula=replace(i.formula, right=MatMul(factor, i.formula.right)))
            for i in found
        ]
    sizes = {size: 2 + k for k, size in enumerate(cell.sizes)}
    case = Case(sizes, {axis.upper: length for axis in cell.axes}, regime, 0)
    return check_identities(cell, recurrences, found, method, [case])


def dead(name):
    return [*DEAD[name], "loss = sum(t, 1, T, dot(h[t], y[t]))"]


@pytest.mark.parametrize("regime", ["huge", "tiny", "saturated"])
@pytest.mark.parametrize("name", EXTREME)
@pytest.mark.parametrize("method", ORACLES)
def test_overflow_and_underflow_are_no_mistakes_and_hide_none(method, name, regime):
    right, wrong = (checked(EXTREME[name], method, regime, 3, factor) for factor in (None, WRONG))
    for a, b in zip(right, wrong, strict=True):
        assert (a.status, b.status) in {("pass", "fail"), ("vacuous", "vacuous")}, a.subject


def test_the_sine_of_1e200_takes_hundreds_of_digits():
    results = checked(EXTREME["square"], "differences", "saturated", 7)
    assert {result.status for result in results} == {"pass"}
    assert any(result.ill_conditioned for result in results)


SCALAR_MEMORY = [
    "i[t] = exp(w_i * x[t] + R_i @ h[t-1] + b_i)",
    "f[t] = sigmoid(w_f * x[t] + R_f @ h[t-1] + b_f)",
    "c[t] = f[t] * c[t-1] + i[t] * tanh(x[t])",
    "n[t] = f[t] * n[t-1] + i[t]",
    "h[t] = c[t] / n[t]",
    "loss = sum(t, 1, T, dot(h[t], y[t]))",
]
"""Its memory has entries a hundred orders of magnitude apart: one step is wrong for one of them."""


def step_jacobian(seed, factor=None):
    """The Jacobian of that memory from one step to the next, times a factor, by differences."""
    cell, recurrences, found = derived(tuple(SCALAR_MEMORY))
    total = next(i for i in found if (i.subject, i.form) == ("dc[t]/dc[t-1]", "total"))
    if factor is not None:
        formula = replace(total.formula, right=MatMul(factor, total.formula.right))
        total = replace(total, formula=formula)
    sizes = dict.fromkeys(cell.sizes, 2)
    case = Case(sizes, {axis.upper: 2 for axis in cell.axes}, "saturated", seed)
    (result,) = check_identities(cell, recurrences, [total], "differences", [case])
    return result


@pytest.mark.parametrize("seed", range(6))
def test_a_step_that_suits_one_entry_only_is_made_smaller(seed):
    assert step_jacobian(seed).status == "pass"
    assert step_jacobian(seed, WRONG).status == "fail"


@pytest.mark.parametrize("regime", ["generic", "saturated"])
def test_a_truth_of_nothing_but_rounding_is_zero(regime):
    equations = [
        "v: scalar",
        "h[t] = sin(x[t] + v) - sin(x[t]) * cos(v) - cos(x[t]) * sin(v) + u - u * v / v",
        "loss = sum(t, 1, T, dot(h[t], y[t]))",
    ]
    results = checked(equations, "differences", regime, 2, factor=0)
    (none,) = (r for r in results if (r.subject, r.form) == ("dL/dv", "adjoint"))
    (some,) = (r for r in results if (r.subject, r.form) == ("dL/dh[t]", "adjoint"))
    assert none.status == "pass" and some.status == "fail"


@pytest.mark.parametrize("regime", ["generic", "zeros", "saturated"])
@pytest.mark.parametrize("name", DEAD)
@pytest.mark.parametrize("method", ORACLES)
def test_a_kink_that_every_neighbour_shares_is_no_mistake(method, name, regime):
    assert not [r for r in checked(dead(name), method, regime, 3) if r.status == "fail"]


def test_a_mistake_is_seen_at_such_a_kink():
    right, wrong = (checked(dead("hard"), "differences", "generic", 3, f) for f in (None, WRONG))
    at_kinks = [b for a, b in zip(right, wrong, strict=True) if a.kinks]
    assert at_kinks and all(result.status == "fail" for result in at_kinks)


def test_free_values_alone_do_not_leave_such_a_kink(monkeypatch):
    """Without moving what an equation gives, right formulas would be called wrong."""
    stages = []
    original = disputes.at_kinks

    def first_stage_only(candidates, agreeing):
        stages.append(agreeing)
        return original(candidates, agreeing) if len(stages) % 2 else []

    monkeypatch.setattr(disputes, "at_kinks", first_stage_only)
    assert [r for r in checked(dead("hard"), "differences", "generic", 3) if r.status == "fail"]


@pytest.mark.parametrize("factor", [None, 3])
def test_zero_on_both_sides_is_vacuous(factor):
    """1 - tanh(50)² is 0 in float64: a claim three times too large is not thereby confirmed."""
    saturated = ["h[t] = tanh(50 + W @ h[t-1] + x[t])", "loss = dot(h[T], y)"]
    results = {(r.subject, r.form): r for r in checked(saturated, "autodiff", "tiny", 3, factor)}
    found = results["dL/dW", "adjoint"]
    assert (found.status, found.checks, found.vacuous) == ("vacuous", 0, 1)
    assert any(
        result.status == ("pass" if factor is None else "fail") for result in results.values()
    )
