"""What is taught about the cells of the catalogue, graded; what is commonly believed, refuted."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from derivations.answers import query
from derivations.catalogue import names
from derivations.expressions import build
from derivations.expressions.nodes import MapPartial
from derivations.expressions.traverse import operands
from verify.checking import check

FILE = Path(__file__).parents[2] / "data" / "facts.jsonl"
FACTS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_the_fact_is_graded(fact: dict[str, str]) -> None:
    grade = check(fact["cell"], fact["claim"], ("exact",), mend=False)
    assert grade.verdict == fact["verdict"], grade.reason
    # A belief is refuted by a point at which it fails, whatever reading may save it.
    assert (grade.counterexample is None) == (grade.verdict == "correct")


def test_they_are_about_cells_of_the_catalogue() -> None:
    assert {fact["cell"] for fact in FACTS if isinstance(fact["cell"], str)} <= set(names())
    assert len({fact["id"] for fact in FACTS}) == len(FACTS)


@pytest.mark.parametrize("steps", range(1, 7))
def test_a_skip_has_fibonacci_many_paths(steps: int) -> None:
    """J_T = Σ_k C(T−k, k) a^(T−2k) c^k."""
    ways = [math.comb(steps - k, k) for k in range(steps // 2 + 1)]
    powers = (f"{n}*a**{steps - 2 * k}*c**{k}" for k, n in enumerate(ways))
    cell = ["h: scalar", "a: scalar", "c: scalar", "h[t] = a*h[t-1] + c*h[t-2] + x[t]"]
    claim = f"dh[t]/dh[t-{steps}] = {' + '.join(powers)}"
    assert check(cell, claim, ("exact",), mend=False).verdict == "correct"
    fibonacci = [1, 1]
    while len(fibonacci) <= steps:
        fibonacci.append(sum(fibonacci[-2:]))
    assert sum(ways) == fibonacci[steps]


def slopes(expr: object) -> int:
    """How many derivatives of a loss stand in an expression."""
    return isinstance(expr, MapPartial) + sum(map(slopes, operands(expr)))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_an_error_at_each_step_reaches_every_earlier_one(length: int) -> None:
    """T(T+1)/2 terms: one for each pair of a use of u and a later loss."""
    (formula,) = query("two-step-scalar", "dL/du", "unrolled", length).formulas
    assert slopes(formula.right) == length * (length + 1) // 2


def test_each_direction_sees_its_own_side_only() -> None:
    zero = {}
    for asked in ("dh_f[t]/dx[t+1]", "dh_f[t]/dx[t-1]", "dh_b[t]/dx[t-1]", "dh_b[t]/dx[t+1]"):
        formulas = query("bi-rnn", asked).formulas
        zero[asked] = all(build.is_zero(formula.right) for formula in formulas)
    assert list(zero.values()) == [True, False, True, False]
