"""The events of the page: in order, each escaped, with a word about what is wrong and where."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import html5lib
import pytest
from starlette.testclient import TestClient

from derivations.catalogue import names
from verify.serve.live import claim_events, live_events


def asked(client: TestClient, path: str, **fields: str) -> list[dict[str, Any]]:
    answer = client.post(path, json=fields)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_what_was_asked_for_comes_first(client: TestClient) -> None:
    found = asked(client, "/page/live", cell="lstm", query="dL/dW_f")
    kinds = [event["kind"] for event in found if event["kind"] != "progress"]
    assert kinds[:4] == ["cell", "query", "badge", "graph"]
    assert kinds[-2:] == ["verification", "done"]
    assert kinds.count("section") >= 4
    badge = next(event for event in found if event["kind"] == "badge")
    assert badge["look"] == "good" and "p < " in badge["text"]


@pytest.mark.parametrize("cell", names())
def test_every_cell_of_the_catalogue_is_shown(cell: str) -> None:
    found = {}
    for event in live_events(cell, None):
        found[event["kind"]] = event
        parsed(event["html"])
        if event["kind"] == "query":
            break
    assert list(found) == ["cell", "query"]
    assert found["query"]["query"] in found["cell"]["queries"]


def parsed(markup: str) -> ElementTree.Element:
    """A fragment as a browser reads it: no script, no style, no handler."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(markup)
    for element in tree.iter():
        assert element.tag not in ("script", "style", "iframe", "object", "embed", "link", "form")
        assert not any(
            str(key).lower().startswith("on") or key == "style" for key in element.attrib
        )
    return tree


@pytest.mark.parametrize(
    ("fields", "about", "line"),
    [
        ({"cell": "h[t] = tanh(", "query": ""}, "cell", 1),
        ({"cell": "a[t] = W @ x[t]\nh[t] = a[t] +", "query": ""}, "cell", 2),
        ({"cell": "rnn", "query": "dL/dnothing"}, "query", 1),
        ({"cell": "rnn", "query": "dL/"}, "query", 1),
    ],
)
def test_a_fault_says_where_it_is(fields: dict[str, str], about: str, line: int) -> None:
    cell = fields["cell"] if fields["cell"] in names() else [fields["cell"]]
    (fault,) = [e for e in live_events(cell, fields["query"]) if e["kind"] == "error"]
    assert fault["about"] == about
    assert fault["place"]["line"] == line
    assert fault["message"]


def test_a_wrong_query_leaves_the_rest(client: TestClient) -> None:
    kinds = [e["kind"] for e in asked(client, "/page/live", cell="rnn", query="dL/dnothing")]
    assert {"error", "graph", "section", "verification"} <= set(kinds)


GRADES = (
    ("dh[t]/dh[t-1] = diag(sigmoid'(z[t])) @ W", "correct"),
    ("dh[T]/dh[k] = prod(t, k+2, T, diag(sigmoid'(z[t])) @ W)", "wrong"),
    ("dh[t]/dh[t-1] = W.T @ diag(sigmoid'(z[t]))", "conditional"),
)


@pytest.mark.parametrize(("claim", "verdict"), GRADES)
def test_a_claim_gets_its_verdict(claim: str, verdict: str) -> None:
    (grade,) = claim_events("rnn-sigmoid", claim)
    assert grade["verdict"] == verdict
    parsed(grade["html"])


@pytest.mark.parametrize(("cell", "claim", "about"), [
    ("rnn", "dL/dW_hh = foo", "claim"), (["h[t] ="], "dL/dW = 0", "cell"),
])  # fmt: skip
def test_what_is_wrong_with_a_claim_is_said(cell: str | list, claim: str, about: str) -> None:
    (fault,) = claim_events(cell, claim)
    assert fault["kind"] == "error" and fault["about"] == about
