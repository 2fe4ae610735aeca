"""Every cell and claim of the example file reads, and survives printing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derivations.language import parse_cell, parse_claim
from derivations.language.unparse import unparse

FILE = Path(__file__).parents[1] / "data" / "claims_examples.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_example_reads_and_prints(row: dict[str, Any]) -> None:
    cell = parse_cell(row["cell"])
    assert parse_cell(unparse(cell)) == cell
    claim = parse_claim(row["claim"], cell)
    assert parse_claim(unparse(claim), cell) == claim
