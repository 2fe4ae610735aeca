"""Hostile inputs: a sample of what ``benchmarks/hostile.py`` sends by the ten thousand."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from benchmarks.hostile import TAGS, TEX, faults, inputs

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("seed", range(4))
def test_a_sample_is_refused_or_answered_and_nothing_comes_back_unescaped(
    client: TestClient, seed: int
) -> None:
    for path, body in inputs(25, 1_000 + seed):
        answer = client.post(path, content=body, headers=JSON)
        assert not list(faults(path, answer.status_code, answer.text)), (path, body[:500])


@pytest.mark.parametrize("evil", [*TAGS, *TEX])
def test_tags_and_commands_in_titles_are_text(client: TestClient, evil: str) -> None:
    cell = f"title: {evil}\nsource: {evil}\nh[t] = w * h[t-1]"
    for fields in ({"cell": cell, "query": ""}, {"cell": cell, "claim": "dL/dw = 0"}):
        path = "/page/live" if "query" in fields else "/page/claim"
        answer = client.post(path, json=fields)
        assert answer.status_code == 200
        assert not list(faults(path, answer.status_code, answer.text))


def test_a_fault_is_seen() -> None:
    """The checks of this test are checked."""
    line = '{"kind": "section", "html": "<p onclick=x><img src=y></p>"}'
    assert len(list(faults("/page/live", 200, line))) == 2
    assert list(faults("/api/show", 500, "{}")) == ["status 500"]
