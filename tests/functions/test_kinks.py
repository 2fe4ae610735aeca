"""The slope at a kink is a convention, stated and settable: from the left, the right, the mean."""

from __future__ import annotations

from threading import Thread

import pytest
from click.testing import CliRunner

from cli import gradproof
from derivations.functions import FUNCTIONS, Side, lookup, slope_taken, taking_slopes
from verify.checking import check

SIDES: tuple[Side, ...] = ("left", "right", "mean")


@pytest.mark.parametrize("side", SIDES)
def test_every_kink_takes_that_side_inside_and_its_own_outside(side: Side) -> None:
    with taking_slopes(side):
        assert slope_taken() == side
        for name, stated in FUNCTIONS.items():
            row = lookup(name)
            assert row is not None and all(lookup(alias) is row for alias in stated.aliases)
            if row.arity == 1:
                assert all(kink.side == side for kink in row.kinks())
        with taking_slopes(None):
            assert lookup("relu") is FUNCTIONS["relu"]
    assert slope_taken() is None
    assert all(lookup(name) is row for name, row in FUNCTIONS.items())


@pytest.mark.parametrize(("side", "slope"), [("left", 0.25), ("right", 1), ("mean", 0.625)])
def test_three_slopes_of_the_leaky_rectifier(side: Side, slope: float) -> None:
    with taking_slopes(side):
        row = lookup("leaky_relu")
    assert row is not None
    assert row.mpmath_slope((0.0,), 0.25) == slope
    assert row.mpmath_slope((-1.0,), 0.25) == 0.25


def test_nothing_is_left_over_from_one_claim_to_the_next() -> None:
    """In one process, with all that it keeps."""
    claims = {"left": "p", "right": "1", "mean": "(1+p)/2"}
    for asked in (*SIDES, *SIDES[::-1]):
        with taking_slopes(asked):
            for side, slope in claims.items():
                grade = check("rnn-leaky", f"leaky_relu'(0, p) = {slope}", ("exact",), mend=False)
                assert (grade.verdict == "correct") is (side == asked)


def test_an_error_inside_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError), taking_slopes("mean"):
        raise ZeroDivisionError
    assert slope_taken() is None


def test_other_threads_take_what_is_stated() -> None:
    seen: list[Side | None] = []
    with taking_slopes("left"):
        other = Thread(target=lambda: seen.append(slope_taken()))
        other.start()
        other.join()
    assert seen == [None]


@pytest.mark.parametrize("side", SIDES)
def test_the_command_line_states_what_is_taken(side: Side) -> None:
    words = {"left": "from the left", "right": "from the right", "mean": "the mean"}
    arguments = ["query", "rnn-leaky", "dL/dB", "--format", "text", "--kinks", side]
    assert words[side] in CliRunner().invoke(gradproof, arguments).output
    assert slope_taken() is None
    assert "from the right" in CliRunner().invoke(gradproof, arguments[:5]).output
