"""Every example claim gets its verdict, under the schema of the JSON output."""

import json
from pathlib import Path

import pytest

from verify.checking import check

FOLDER = Path(__file__).parents[2] / "data"
FILES = ("claims_examples.jsonl", "claims_lecture_notes.jsonl")
EXAMPLES = [
    json.loads(line)
    for file in FILES
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines()
]
KEYS = {
    "id", "verdict", "conditions", "evidence", "counterexample", "repair", "correct_form", "error",
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["id"])
def test_verdict(example):
    grade = check(example["cell"], example["claim"], ("exact",), mend=False)
    assert grade.verdict == example["verdict"], grade.reason
    printed = json.loads(json.dumps(grade.as_dict(example["id"])))
    assert set(printed) == KEYS
    assert printed["correct_form"]["text"] and printed["correct_form"]["latex"]
    assert bool(printed["conditions"]) == (grade.verdict == "conditional")
    assert all("method" in evidence for evidence in printed["evidence"])
    if grade.verdict == "wrong":
        shown = printed["counterexample"]
        assert set(shown) == {"sizes", "T", "values", "claimed", "true", "relative_error"}
        assert shown["relative_error"] > 1e-3
        assert shown["T"] <= 2
