"""Claims about cells that stand in no catalogue: verdicts, readings, mends, the smallest case."""

import json
from pathlib import Path

import pytest

from derivations.language.tree import Partial, walk
from derivations.loading import load
from verify.checking import check
from verify.claims.correct_form import correct_form
from verify.claims.holding import holds
from verify.claims.typing import read_about, read_relation

FILE = Path(__file__).parents[2] / "data" / "claims_invented.jsonl"
CLAIMS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c["id"])
def test_what_is_said_about_a_claim(claim):
    grade = check(claim["cell"], claim["claim"], ("exact",), mend="mended" in claim)
    assert grade.verdict == claim["verdict"], grade
    if "assumes" in claim:
        assert any(claim["assumes"] in condition for condition in grade.conditions)
    if "mended" in claim:
        assert grade.repair is not None and grade.repair["text"] == claim["mended"]
    if "T" in claim:
        assert grade.counterexample is not None and claim["T"] == grade.counterexample.T
    assert claim.get("says", "") in grade.reason


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c["id"])
def test_the_correct_form_is_correct(claim):
    compiled, relation = read_about(load(claim["cell"]), claim["claim"])
    form = correct_form(compiled, relation)
    if form is None:
        assert not any(isinstance(node, Partial) for node in walk(relation))
        return
    formulas: list[str] = []
    for line in form["text"].splitlines():
        if line.startswith(" "):
            formulas[-1] += "\n" + line
        else:
            formulas.append(line)
    for formula in formulas:
        found = holds(compiled, read_relation(compiled, formula))
        assert found.status == "holds", (formula, found.reason)
