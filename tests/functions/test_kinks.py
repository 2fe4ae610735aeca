"""The slope at a kink is a convention, stated and settable: from the left, the right, the mean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import gradproof
from derivations.functions import FUNCTIONS, Side, lookup, slopes_taken, take_slopes

STATED = {name: row.kinks() for name, row in FUNCTIONS.items()}
ROOT = Path(__file__).parents[2]
SIDES: tuple[Side, ...] = ("left", "right", "mean")


@pytest.fixture(autouse=True)
def _as_stated() -> Iterator[None]:
    yield
    take_slopes(None)


@pytest.mark.parametrize("side", SIDES)
def test_every_kink_takes_that_side(side: Side) -> None:
    take_slopes(side)
    assert slopes_taken() == side
    for row in FUNCTIONS.values():
        assert lookup(row.name) is row and all(lookup(alias) is row for alias in row.aliases)
        if row.arity == 1:
            assert all(kink.side == side for kink in row.kinks())
    take_slopes(None)
    assert {name: row.kinks() for name, row in FUNCTIONS.items()} == STATED


@pytest.mark.parametrize(("side", "slope"), [("left", 0.25), ("right", 1), ("mean", 0.625)])
def test_three_slopes_of_the_leaky_rectifier(side: Side, slope: float) -> None:
    take_slopes(side)
    row = lookup("leaky_relu")
    assert row is not None
    assert row.mpmath_slope((0.0,), 0.25) == slope
    assert row.mpmath_slope((-1.0,), 0.25) == 0.25


def test_claims_are_graded_with_that_slope() -> None:
    """In a process of its own: what was evaluated before is kept."""
    command = [
        sys.executable,
        "cli.py",
        "check",
        "rnn-leaky",
        "--kinks",
        "mean",
        "--method",
        "exact",
    ]
    for claim, status in (("leaky_relu'(0, p) = (1+p)/2", 0), ("leaky_relu'(0, p) = 1", 1)):
        run = subprocess.run([*command, "--no-mend", claim], capture_output=True, cwd=ROOT)
        assert run.returncode == status


@pytest.mark.parametrize("side", SIDES)
def test_the_command_line_states_what_is_taken(side: Side) -> None:
    words = {"left": "from the left", "right": "from the right", "mean": "the mean"}
    arguments = ["query", "rnn-leaky", "dL/dB", "--format", "text", "--kinks", side]
    assert words[side] in CliRunner().invoke(gradproof, arguments).output
    assert "from the right" in CliRunner().invoke(gradproof, arguments[:5]).output
