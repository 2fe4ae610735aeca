"""Gradients through units whose slope is 0: never "verified", said to be 0 almost everywhere."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import cli
from derivations.catalogue import names
from derivations.functions import FUNCTIONS
from derivations.loading import load
from verify.checking import check
from verify.flat import flat_functions
from verify.run import METHODS, verify

FLAT = [name for name, row in FUNCTIONS.items() if row.slope_bound() == 0]
UNIT = ["h[t] = {}(W @ x[t] + U @ h[t-1] + b)", "y[t] = V @ h[t]"]


def unit(function: str) -> list[str]:
    return [line.format(function) for line in UNIT]


def test_step_is_among_them() -> None:
    assert "step" in FLAT and not set(FLAT) & {"tanh", "relu", "hard_tanh"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("function", FLAT)
def test_zero_gradients_are_vacuous_and_the_others_are_checked(function: str, method: str) -> None:
    report = verify(unit(function), methods=[method], count=2)
    status = {(r.subject, r.form): r for r in report.results}
    for parameter in "WUb":
        result = status[f"dL/d{parameter}", "adjoint"]
        assert (result.status, result.checks, result.bound) == ("vacuous", 0, None)
        assert f"the slope of {function} is 0 wherever there is one" in result.reason
    assert status["dL/dV", "adjoint"].status == status["dL/dy[t]", "adjoint"].status == "pass"
    assert report.ok and report.exit_status == 0


def test_nothing_else_than_zeros_ends_with_status_3_and_the_reason() -> None:
    cell = ["--eq", "h[t] = step(x[t] + h[t-1])"]
    done = CliRunner().invoke(cli.gradproof, ["verify", *cell, "--wrt", "x", "--method", "exact"])
    assert done.exit_code == 3
    said = " ".join(done.stdout.split())
    assert "so nothing was compared: the slope of step is 0" in said and "pass" not in said
    done = CliRunner().invoke(
        cli.gradproof, ["verify", *cell, "--wrt", "x", "--method", "exact", "--json"]
    )
    assert not json.loads(done.stdout)["ok"]


@pytest.mark.parametrize("claim", ["dL/dW = 0", "dL/dW = 2 * sum(t, 1, T, dL/da_h[t] @ x[t].T)"])
def test_a_claim_that_holds_as_zero_is_zero_says_so(claim: str) -> None:
    grade = check(unit("step"), claim, ("exact",))
    assert grade.verdict == "correct" and "0 = 0" in grade.reason
    smooth = check(unit("tanh"), "dL/dW = sum(t, 1, T, dL/da_h[t] @ x[t].T)", ("exact",))
    assert smooth.verdict == "correct" and "0 = 0" not in smooth.reason


def test_no_cell_of_the_catalogue_is_flat() -> None:
    assert not [name for name in names() if flat_functions(load(name).cell)]
