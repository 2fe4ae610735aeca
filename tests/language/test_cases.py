"""Cases are one equation for each row; what is not about time is refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derivations.errors import InputError
from derivations.language import parse_cell, parse_claim
from derivations.loading import load

STEP = r"\tanh(W h_{t-1} + U x_t)"
PLAIN = ["h_t = " + STEP]


def _cases(*rows: str, environment: str = "cases") -> str:
    joined = r" \\ ".join(rows)
    return rf"h_t = \begin{{{environment}}} {joined} \end{{{environment}}}"


AT_ZERO = ["h_0 = V c", *PLAIN]
READINGS = {
    "one time and the times after it": (_cases("V c & t = 0", STEP + r" & t > 0"), AT_ZERO),
    "words": (_cases(r"V c & \text{if } t = 0", STEP + r" & \text{otherwise}"), AT_ZERO),
    "commas": (_cases(r"V c, & \text{for } t = 0,", STEP + r", & t \ge 1."), AT_ZERO),
    "a range": (_cases(r"V c & t=0", STEP + r" & 1 \le t \le T"), AT_ZERO),
    "dots": (_cases(r"V c & t=0", STEP + r" & t = 1, \dots, T"), AT_ZERO),
    "no condition": (_cases("V c & t = 0", STEP), AT_ZERO),
    "over several lines": (
        "h_t = \\begin{cases}\n V c & t = 0 \\\\\n " + STEP + " & t > 0\n\\end{cases}",
        AT_ZERO,
    ),
    "another environment": (_cases("V c & t=0", STEP, environment="dcases"), AT_ZERO),
    "the letter at its time": (
        _cases(r"\tanh(U x_t) & t = 1", STEP + r" & t > 1"),
        [r"h_1 = \tanh(U x_1)", *PLAIN],
    ),
    "the last time": (_cases(r"V c & t = 0", STEP + r" & t \leq T"), AT_ZERO),
    "a given value": (_cases("h_0 & t = 0", STEP + r" & t > 0"), PLAIN),
    "zero": (_cases("0 & t = 0", STEP + r" & \text{else}"), ["h_0 = 0", *PLAIN]),
}


@pytest.mark.parametrize("name", READINGS)
def test_rows_are_equations(name: str) -> None:
    typed, plain = READINGS[name]
    rows = [replace(equation, since=None) for equation in parse_cell(typed).equations]
    assert rows == list(parse_cell(plain).equations)
    assert load([typed]).cell.definitions == load(plain).cell.definitions


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (r"\phi(z) = \begin{cases} z & z > 0 \\ 0 & z \le 0 \end{cases}", "a function"),
        (_cases("A & t > 3", "B & t > 0"), "same times"),
        (_cases("A & x = y^2", "B"), "not one about time"),
        (_cases(r"A & \text{sometimes}", "B"), "not one about time"),
        (r"h_t = 1 + \begin{cases} A & t = 0 \\ B & t > 0 \end{cases}", "."),
        (r"h_t = \begin{cases} A & t = 0 \\ B", "never closed"),
    ],
)
def test_other_cases_are_refused(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_cell(line)
    assert caught.value.remedy
    assert caught.value.span.line == 1


def test_a_claim_has_no_cases() -> None:
    with pytest.raises(InputError, match="cases stand only behind"):
        parse_claim(r"\bar{h}_t = \begin{cases} A & t = T \\ B & t < T \end{cases}", None)
