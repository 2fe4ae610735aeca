"""Searches, proofs and exact sets against words run one by one, on random networks too."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derivations.errors import InputError
from verify.designs.decide import decide
from verify.designs.exact_sets import works_for
from verify.designs.reading import read_design
from verify.designs.run import design
from verify.designs.stock import design_text, names
from verify.designs.stretches import Stretch, joined

ROOT = Path(__file__).resolve().parents[3]
weights = st.sampled_from([Fraction(k, 2) for k in range(-4, 5)])
SPECS = {
    "all ones so far": all,
    ".*1": lambda w: w[-1] == 1,
    "0*": lambda w: not any(w),
    "(..)*": lambda w: len(w) % 2 == 0,
    ".*1.*": any,
}


def threshold(a: Fraction, w: Fraction, b: Fraction, spec: str, at_zero: int = 1) -> str:
    return (
        "h[t] = step(a * x[t] + w * h[t-1] + b)\n"
        f"given: a = {a}, w = {w}, b = {b}, h[0] = 0, step(0) = {at_zero}\n"
        f"x: scalar\ninput: x[t] in {{0, 1}}\nanswer: h[t] > 0\nspec: {spec}\n"
    )


def answers(a: Fraction, w: Fraction, b: Fraction, word: tuple[int, ...], at_zero: int) -> bool:
    h = Fraction(0)
    for x in word:
        z = a * x + w * h + b
        h = Fraction(at_zero if z == 0 else z > 0)
    return h > 0


@settings(max_examples=40)
@given(weights, weights, weights, st.sampled_from(sorted(SPECS)), st.sampled_from([0, 1]))
def test_threshold_units_are_decided_as_word_by_word(
    a: Fraction, w: Fraction, b: Fraction, spec: str, at_zero: int
) -> None:
    decision = decide(read_design(threshold(a, w, b, spec, at_zero)))
    wrong = next(
        (
            word
            for length in range(1, 7)
            for word in itertools.product((0, 1), repeat=length)
            if answers(a, w, b, word, at_zero) != SPECS[spec](word)
        ),
        None,
    )
    # Two states of the unit times at most three of the specification: six letters show all.
    assert (decision.verdict == "fails") == (wrong is not None)
    assert (decision.wrong.word if decision.wrong else None) == wrong


@settings(max_examples=25)
@given(weights, weights, weights, st.sampled_from(sorted(SPECS)), st.data())
def test_an_exact_set_holds_the_values_that_work_and_no_other(
    a: Fraction, w: Fraction, b: Fraction, spec: str, data: st.DataObject
) -> None:
    read = read_design(threshold(a, w, b, spec))
    entry = data.draw(st.sampled_from(read.entries))
    found = works_for(read, entry)
    assume(found is not None)
    assert found is not None
    ends = {end for s in found for end in (s.low, s.high) if end is not None}
    near = [end + shift for end in ends for shift in (-1, Fraction(-1, 1000), 0, Fraction(1, 1000))]
    for value in [*near, *map(Fraction, (-7, -1, 0, 1, 7))]:
        works = decide(read.with_value(entry, value)).verdict == "works"
        assert works == any(value in stretch for stretch in found)


def ones_answer(w: tuple[int, int, int], word: tuple[int, ...]) -> bool:
    h = 1.0
    for x in word:
        h = 1 / (1 + math.exp(-(w[0] * x + w[1] * h + w[2])))
    return 10 * h - 5 > 0


@settings(max_examples=10)
@given(st.sampled_from([2, 5, 8, 20]), st.sampled_from([2, 5, 8, 20]), st.integers(-20, 0))
def test_sigmoid_units_are_decided_as_word_by_word(a: int, w: int, b: int) -> None:
    numbers = f"w_1 = {a}, w_2 = {w}, b_2 = {b}"
    text = design_text("ones-weak")[0].replace("w_1 = 5, w_2 = 5, b_2 = -7", numbers)
    decision = decide(read_design(text), 8)
    wrong = next(
        (
            word
            for length in range(1, 9)
            for word in itertools.product((0, 1), repeat=length)
            if ones_answer((a, w, b), word) != all(word)
        ),
        None,
    )
    if wrong is not None:
        assert decision.verdict == "fails"
        assert decision.wrong is not None
        assert decision.wrong.word == wrong
    elif decision.wrong is not None:
        assert len(decision.wrong.word) > 8
        assert ones_answer((a, w, b), decision.wrong.word) != all(decision.wrong.word)


def test_a_register_of_many_letters_is_not_explored_for_ever() -> None:
    text = (
        "h[t] = 1/3 * h[t-1] + x[t]\nh: scalar\ngiven: h[0] = 0\ninput: x[t] in {0, 1}\n"
        "answer: h[t] >= 1\nspec: .*1\n"
    )
    decision = decide(read_design(text), 40)
    assert decision.verdict in ("works", "undecided")
    assert decision.length < 40
    many = decide(read_design(text.replace(".*1", ".*1.{25}")), 4)
    assert many.verdict == "fails"


def test_intervals_prove_a_cell_with_infinitely_many_exact_states() -> None:
    text = (
        "h[t] = 1/3 * h[t-1] + x[t]\nh: scalar\ngiven: h[0] = 0\ninput: x[t] in {0, 1}\n"
        "answer: h[t] > 3/4\nspec: .*1\n"
    )
    report = design("thirds", text=text)
    assert report.status == 0
    assert report.decision.boxes is not None


def test_two_units_are_proved_by_boxes() -> None:
    text = (
        "h[t] = tanh(W @ h[t-1] + U * x[t])\ny[t] = v.T @ h[t]\nx: scalar\n"
        "given: W = [1/2, 0; 0, 1/2], U = [3; -3], v = [1; -1], h[0] = 0\n"
        "input: x[t] in {-1, 1}\nanswer: y[t] > 0\nspec: .*(1)\n"
    )
    report = design("two", text=text)
    assert report.status == 0
    assert report.decision.machine.size == 2


@pytest.mark.parametrize(
    ("equation", "said"),
    [
        ("h[t] = phi(x[t] + h[t-1])", "phi is arbitrary"),
        ("h[t] = tanh(x[t] + h[t+1])", "later time"),
        ("h[t] = sum(k, 1, t, x[k])", "all times"),
        ("h[t] = sin(x[t] + h[t-1])", "certain bounds"),
        ("h[t] = tanh(x[t] + h[t-20])", "steps back"),
    ],
)
def test_what_is_no_machine_is_refused(equation: str, said: str) -> None:
    text = f"{equation}\nx: scalar\ngiven: h[0] = 0\n"
    if "h[t" not in equation[4:]:
        text = text.replace("given: h[0] = 0\n", "")
    with pytest.raises(InputError, match=said) as raised:
        design("no", text=text + "input: x[t] in {0, 1}\nanswer: h[t] > 0\nspec: 1*\n")
    assert raised.value.remedy


def test_stretches_are_joined_and_give_simple_numbers() -> None:
    zero, one, two = map(Fraction, (0, 1, 2))
    assert joined([Stretch(one, two), Stretch(zero, one, True, True)]) == [
        Stretch(zero, two, True, False)
    ]
    assert len(joined([Stretch(one, two), Stretch(zero, one)])) == 2
    assert Stretch(Fraction(1, 3), Fraction(3, 7)).simplest(Fraction(5)) == Fraction(2, 5)
    assert Stretch(None, zero).simplest(Fraction(5)) == -1
    assert Stretch(None, None).simplest(Fraction(5)) == 5


def command(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "design", *arguments],
        input=stdin, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip


def test_the_command_says_what_is_wrong_and_what_mends_it() -> None:
    done = command("equal-streams-never")
    assert done.returncode == 1
    assert "the word 00 is answered no" in done.stdout
    assert "Repair: c_0 = 0 instead of -1" in done.stdout


def test_json_is_one_object() -> None:
    done = command("-", "--json", stdin=design_text("equal-streams")[0])
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["verdict"] == "works"
    exact = {p["name"]: p["exact"] for p in found["parameters"]}
    assert exact["c_0"] == ["(-1, 0]"]


@pytest.mark.parametrize(
    "arguments", [["nope"], ["/"], ["ones-weak", "--length", "0"], ["ones-weak", "--vary", "w_3"]]
)
def test_bad_arguments_end_with_a_message(arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert not done.stdout
    assert len(done.stderr.strip().splitlines()) >= 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", names())
def test_designs_have_a_title_and_a_source(name: str) -> None:
    cell = read_design(*design_text(name)).cell
    assert cell.title
    assert cell.source
