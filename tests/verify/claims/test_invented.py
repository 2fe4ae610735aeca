"""Claims about cells that stand in no catalogue: verdicts, readings, mends, the smallest case."""

import json
from pathlib import Path

import pytest

from verify.check import check

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
