"""Topics are right, formula by formula; a planted mistake in any formula is caught."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer

from derivations.cell import Piece
from derivations.derivation import Derivation, Formula, Section, Step
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, Constant, Scale
from derivations.topics import topic, topics
from verify.report import Report, Result
from verify.topics.verification import Check, verify_derivation, verify_topic

BUILT = {name: topic(name).build() for name in topics()}
CASES = [(name, place) for name, built in BUILT.items() for place in range(len(built.formulas))]


def only(derivation: Derivation, *formulas: Formula) -> Derivation:
    """The derivation with these formulas alone."""
    return replace(derivation, sections=(Section("", (Step("", "", formulas),)),))


def evaluated(report: Report) -> list[Result]:
    """What was evaluated; a proof looks at the last bound alone, whatever stands on the way."""
    return [result for result in report.results if result.method != "proof"]


@pytest.mark.parametrize("name", BUILT)
def test_every_formula_passes(name: str) -> None:
    report = verify_topic(name, count=3)
    assert [r.subject for r in report.results if r.status != "pass"] == []
    assert report.ok
    # One result for each formula, more where a field, a proof or a second oracle can tell.
    twice = sum(result.method in ("autodiff", "proof", "exact") for result in report.results)
    assert len(report.results) == len(BUILT[name].formulas) + twice


def nearly(formula: Formula) -> Formula:
    """The formula with a relative mistake of 1e-9; of a zero, and of an example, another one."""
    right = formula.right
    if formula.relation in ("<", ">"):
        return replace(formula, left=right, right=formula.left, via=())
    if build.is_zero(right):
        return replace(formula, right=Constant(Integer(10) ** -9, *right.shape))
    return replace(formula, right=Scale(Constant(1 + Integer(10) ** -9, 1, 1), right))


@pytest.mark.parametrize(("name", "place"), CASES)
def test_a_relative_mistake_of_1e_9_is_caught(name: str, place: int) -> None:
    wrong = nearly(BUILT[name].formulas[place])
    report = verify_derivation(only(BUILT[name], wrong), name, count=1)
    assert report.failures == evaluated(report) != []


@pytest.mark.parametrize(("name", "place"), CASES)
def test_a_mistake_on_the_way_is_caught(name: str, place: int) -> None:
    formula = BUILT[name].formulas[place]
    wrong = replace(
        formula, via=(*formula.via, build.add(formula.left, build.ones(*formula.left.shape)))
    )
    report = verify_derivation(only(BUILT[name], wrong), name, count=1)
    assert report.failures == evaluated(report) != []


def test_a_flipped_sign_in_the_shift_matrix_is_caught() -> None:
    derivation = BUILT["positional"]
    changed = []
    for definition in derivation.cell.definitions:
        if definition.name == "shift":
            (piece,) = definition.pieces
            cos, sin, minus, last = piece.value.blocks
            flipped = Blocks(2, 2, cos, minus, sin, last)
            definition = replace(definition, pieces=(Piece(flipped, piece.domain),))
        changed.append(definition)
    cell = replace(derivation.cell, definitions=tuple(changed))
    report = verify_derivation(replace(derivation, cell=cell), "positional", count=2)
    failed = {result.subject for result in report.failures}
    assert not report.ok
    assert {"P[t+tau,k]", "P[t+tau]", "M[k,tau]", "M[tau]", "R[t]"} <= failed
    # What holds for rotations of either sense is no evidence against it.
    assert "M[tau].T @ M[tau]" not in failed


def test_a_failure_tells_its_numbers() -> None:
    formula = BUILT["positional"].formulas[6]
    wrong = replace(formula, right=build.negative(formula.right))
    result = Check(BUILT["positional"].cell, wrong, "digits").run(seed=3, count=2)
    assert result.status == "fail" and result.failure is not None
    assert "seed 3" in result.failure.case and "tau = " in result.failure.case
    assert result.failure.claimed != result.failure.truth


def test_another_seed_draws_other_numbers() -> None:
    wrong = [
        verify_derivation(
            only(BUILT["positional"], Formula(build.constant(1), f.right)), "positional", seed=seed
        )
        for seed in (0, 1)
        for f in (BUILT["positional"].formulas[4],)
    ]
    first, second = (report.failures[0].failure for report in wrong)
    assert first is not None and second is not None and first.claimed != second.claimed


@pytest.mark.parametrize(
    "options", [{"methods": ("tea leaves",)}, {"count": 0}, {"name": "astrology"}]
)
def test_bad_requests_are_the_users_mistake(options: dict[str, object]) -> None:
    with pytest.raises(InputError):
        verify_topic(**{"name": "positional", **options})  # type: ignore[arg-type]


def test_what_the_exact_method_cannot_tell_is_said() -> None:
    """Every formula is either compared in the field or counted with a reason."""
    for name in ("softmax", "truncation"):
        report = verify_topic(name, ["exact"], count=2)
        left = sum(int(u["reason"].split("(")[1].split()[0]) for u in report.unavailable)
        assert report.ok and left + len(report.results) == len(BUILT[name].formulas)
        assert all(r.bound is not None and r.bound < 1e-50 for r in report.results)
