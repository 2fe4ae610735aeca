"""The designs that come with the tool: what holds for every word, and the shortest words else."""

from __future__ import annotations

import pytest

from verify.designs.run import design
from verify.designs.stock import names

EXPECTED = {
    "equal-streams": None,
    "equal-streams-never": ["00"],
    "even-odd": None,
    "ones-strong": None,
    "ones-weak": list("011111"),
}


def test_every_design_has_an_expectation() -> None:
    assert sorted(EXPECTED) == names()


@pytest.mark.parametrize("name", names())
def test_verdict_and_shortest_word(name: str) -> None:
    report = design(name, mend=False)
    assert report.word == EXPECTED[name]
    assert report.status == (0 if EXPECTED[name] is None else 1)
    if report.word is not None:
        assert report.decision.shortest
