"""The facts about designed networks, each computed; what is commonly believed of them, refuted."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from sympy import Symbol

from derivations.functions import FUNCTIONS
from verify.designs.boxes import Boxes
from verify.designs.exact_sets import works_for
from verify.designs.fixed_points import Memory, memories
from verify.designs.reading import read_design
from verify.designs.report import DesignReport
from verify.designs.run import design
from verify.designs.stock import design_text
from verify.designs.stretches import Stretch
from verify.designs.windows import window

HALF = Fraction(1, 2)


def changed(name: str, *edits: tuple[str, str], **options: object) -> DesignReport:
    """A design of the catalogue with its text edited."""
    text = design_text(name)[0]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return design(name, text=text, mend=False, **options)  # type: ignore[arg-type]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def ones_answer(w: tuple[float, float, float], word: tuple[int, ...], h: float = 1.0) -> bool:
    """The answer of the sigmoid unit in plain floating point."""
    for x in word:
        h = sigmoid(w[0] * x + w[1] * h + w[2])
    return sigmoid(10 * h - 5) > 0.5


def test_the_weak_unit_fails_first_at_a_zero_and_five_ones() -> None:
    wrong = [
        word
        for length in range(1, 7)
        for word in itertools.product((0, 1), repeat=length)
        if ones_answer((5, 5, -7), word) != all(word)
    ]
    assert wrong[0] == (0, 1, 1, 1, 1, 1)
    assert design("ones-weak", mend=False).word == list("011111")


def test_the_strong_unit_works_at_every_length_by_invariant_intervals() -> None:
    decision = design("ones-strong").decision
    assert decision.verdict == "works"
    assert isinstance(decision.boxes, Boxes)
    for (_, watch, _), (box,) in decision.boxes.boxes.items():
        ones = watch.rests[0].nullable
        for x in (0, 1):
            after = [sigmoid(20 * x + 20 * end - 30) for end in (box.low, box.high)]
            target = next(
                other[0]
                for (_, w, _), other in decision.boxes.boxes.items()
                if w.rests[0].nullable == (ones and x == 1)
            )
            assert all(end in target for end in after)


def memory(name: str, letter: str) -> Memory:
    return next(m for m in memories(read_design(*design_text(name))) if m.letter == letter)


def test_two_stable_states_need_a_weight_above_one_over_the_greatest_slope() -> None:
    assert memory("ones-weak", "1").least_weight == 4
    assert float(1 / memory("ones-weak", "1").least_weight) == FUNCTIONS["sigmoid"].gamma


@pytest.mark.parametrize(("name", "weight"), [("ones-weak", 5.0), ("ones-strong", 20.0)])
def test_the_interval_of_two_stable_states_is_exact(name: str, weight: float) -> None:
    low, high = map(float, memory(name, "1").limits)

    def crossings(shift: float) -> int:
        # In u, where h = σ(u): a fixed point is where w σ(u) + s goes through u.
        grid = [k / 500 for k in range(-20_000, 20_001)]
        signs = [weight * sigmoid(u) + shift > u for u in grid]
        return sum(a != b for a, b in itertools.pairwise(signs))

    inside, outside = 1e-3, -1e-3
    assert crossings(low + inside) == crossings(high - inside) == 3
    assert crossings(low + outside) == crossings(high - outside) == 1


def test_one_of_the_two_units_remembers() -> None:
    assert memory("ones-strong", "1").bistable
    assert not memory("ones-strong", "0").bistable
    assert not memory("ones-weak", "1").bistable
    low, high = map(float, memory("ones-strong", "1").window(Symbol("b_2", real=True)) or ())
    assert low < -30 < high
    assert (round(low, 4), round(high, 4)) == (-36.057, -23.943)


def test_a_weight_of_four_gives_one_state() -> None:
    text = design_text("ones-weak")[0].replace("w_2 = 5", "w_2 = 4")
    found = memories(read_design(text))
    assert not any(m.strong or m.bistable for m in found)
    with pytest.raises(ValueError, match="at most 4"):
        _ = found[0].limits


def test_the_weak_unit_is_mended_by_its_bias_alone() -> None:
    report = design("ones-weak", vary="b_2")
    (change,) = report.changes
    assert change.repair is not None
    assert change.window is not None
    low, high = memory("ones-weak", "1").window(Symbol("b_2", real=True)) or ()
    assert low < change.window.low.proved <= change.repair <= change.window.high.proved < high
    assert changed("ones-weak", ("b_2 = -7", f"b_2 = {change.repair}")).status == 0


def test_a_window_ends_where_values_fail() -> None:
    read = read_design(*design_text("ones-strong"))
    entry = next(e for e in read.entries if e.name == "h[0]")
    around = window(read, entry, Fraction(1))
    assert around is not None
    assert around.low.proved >= HALF
    assert around.low.fails is not None
    weights = (20.0, 20.0, -30.0)
    for side in (around.low, around.high):
        assert side.fails is not None
        assert ones_answer(weights, side.word, float(side.fails)) != all(side.word)
        assert abs(side.proved - side.fails) <= Fraction(1, 4)


# Equality of two streams by step units.


def test_the_first_bias_may_be_anything_above_minus_one_up_to_zero() -> None:
    read = read_design(*design_text("equal-streams"))
    entry = next(e for e in read.entries if e.name == "c_0")
    assert works_for(read, entry) == [Stretch(Fraction(-1), Fraction(0), False, True)]


def test_a_first_bias_of_minus_one_never_answers_yes() -> None:
    assert changed("equal-streams-never", ("equal so far", "not .*")).status == 0


def test_its_repair_is_found() -> None:
    report = design("equal-streams-never")
    assert [(c.entry.name, c.repair) for c in report.changes if c.repair is not None] == [
        ("c_0", 0)
    ]


def test_with_value_one_at_zero_the_network_always_answers_yes() -> None:
    edit = ("step(0) = 0", "step(0) = 1")
    report = changed("equal-streams", edit)
    assert report.word == ["01"]
    assert changed("equal-streams", edit, ("equal so far", ".*")).status == 0


def test_with_value_one_at_zero_no_single_number_mends_it() -> None:
    text = design_text("equal-streams")[0].replace("given: step(0) = 0\n", "")
    found = design("equal-streams", text=text).changes
    assert len(found) == 11
    assert all(change.exact == () for change in found)


def test_with_value_one_at_zero_other_biases_work() -> None:
    edits = (
        ("step(0) = 0", "step(0) = 1"), ("b = [1; -1]", "b = [1/2; -3/2]"),
        (" c = -1", " c = -3/2"), ("c_0 = 0", "c_0 = -1/2"),
    )  # fmt: skip
    assert changed("equal-streams", *edits).status == 0


def test_gradients_of_step_units_are_said_to_be_zero() -> None:
    report = design("equal-streams")
    assert report.as_dict()["flat"] == ["step"]
    assert any("0 almost everywhere" in line for line in report.lines())
    assert design("ones-strong").as_dict()["flat"] == []


# Sums at even and at odd times by a linear unit.


def test_the_linear_unit_compares_sums_at_even_lengths() -> None:
    report = design("even-odd")
    assert report.status == 0
    assert "h[t] = - (sum at odd) + (sum at even)" in "\n".join(report.lines())


def test_at_odd_lengths_it_compares_them_the_other_way_round() -> None:
    assert changed("even-odd", ("at: even t", "")).word == ["1"]
    other = (("at: even t", "at: odd t"), ("even > sum at odd", "odd > sum at even"))
    assert changed("even-odd", *other).status == 0


@pytest.mark.parametrize(
    ("edit", "word"),
    [(("h[0] = 0", "h[0] = 1"), "00"), (("w = -1", "w = 1"), "10"), (("> sum", ">= sum"), "00")],
)
def test_without_its_conditions_the_comparison_fails(edit: tuple[str, str], word: str) -> None:
    assert changed("even-odd", edit).word == list(word)


def test_it_holds_for_any_letters() -> None:
    assert changed("even-odd", ("{0, 1}", "{-3, 1/2, 7, 1000}")).status == 0
