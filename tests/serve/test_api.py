"""The API answers what the command line prints, as its description says, and refuses the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

import cli
from derivations.catalogue import names
from tests.serve.conftest import ADDRESS
from verify.serve.app import application
from verify.serve.headers import HEADERS
from verify.serve.limits import Limits
from verify.serve.openapi import description
from verify.serve.operations import OPERATIONS, PAGE_OPERATIONS, Operation

SAMPLES = {
    "cell": "rnn-sigmoid",
    "query": "dL/dW",
    "claim": "dh[t]/dh[t-1] = diag(sigmoid'(z[t])) @ U",
    "method": "exact",
}
"""A value for every field that stands in a command in capitals."""
BY_NAME = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
EVERY = pytest.mark.parametrize("operation", [*OPERATIONS, *PAGE_OPERATIONS], ids=lambda o: o.name)


def sample(operation: Operation) -> dict[str, Any]:
    return {f.name: SAMPLES[f.name] for f in operation.fields if f.required}


def path(operation: Operation) -> str:
    return f"/{'page' if operation in PAGE_OPERATIONS else 'api'}/{operation.name}"


def without_seconds(data: Any) -> Any:
    if isinstance(data, dict):
        return {k: without_seconds(v) for k, v in data.items() if k != "seconds"}
    return [without_seconds(v) for v in data] if isinstance(data, list) else data


@BY_NAME
def test_an_answer_is_the_json_of_the_command_line(client: TestClient, operation: Operation):
    answer = client.post(path(operation), json=sample(operation))
    assert answer.status_code == 200, answer.text
    words = operation.command.split()[1:]
    arguments = [SAMPLES[word.lower()] if word.isupper() else word for word in words]
    printed = CliRunner().invoke(cli.gradproof, arguments, standalone_mode=False).stdout
    assert without_seconds(answer.json()) == without_seconds(json.loads(printed))
    assert set(operation.answers) <= set(answer.json())


@pytest.mark.parametrize("cell", ["h[t] = tanh(W @ h[t-1])", "h[t] = tanh("])
def test_a_worker_that_has_answered_is_used_again(cell: str) -> None:
    with TestClient(application(Limits(quick=1)), base_url=ADDRESS) as asking:
        (first,) = asking.app.state.pool.idle
        for _ in range(2):
            asking.post("/api/show", json={"cell": cell})
        assert asking.app.state.pool.idle == [first]


@BY_NAME
def test_the_description_has_every_operation(client: TestClient, operation: Operation):
    told = client.get("/api/openapi.json").json()["paths"][path(operation)]["post"]
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    assert list(schema["properties"]) == [field.name for field in operation.fields]
    assert schema["required"] == [field.name for field in operation.fields if field.required]
    given = told["responses"]["200"]["content"]["application/json"]["schema"]
    assert given["required"] == list(operation.answers)


def test_the_description_has_the_routes_and_no_others(client: TestClient) -> None:
    told = description(Limits())["paths"]
    routes = {r.path: r.methods for r in client.app.routes if r.path.startswith("/api/")}
    assert set(told) == set(routes)
    for where, methods in told.items():
        assert {name.upper() for name in methods} == routes[where] - {"HEAD"}


@EVERY
@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, b"{", {}),
        (400, b"[]", {}),
        (400, b"\xff", {}),
        (400, b"[" * 100_000, {}),
        (400, b'{"cell": 3}', {}),
        (400, b'{"cell": "rnn", "nothing": 1}', {}),
        (400, json.dumps({"cell": "x" * 150_000}).encode(), {}),
        (403, b"{}", {"origin": "https://example.org"}),
        (403, b"{}", {"origin": "null"}),
        (413, b" " * 300_000, {}),
        (415, b"{}", {"content-type": "text/plain"}),
    ],
)
def test_what_is_no_request_is_refused(
    client: TestClient, operation: Operation, status: int, body: bytes, headers: dict
) -> None:
    given = {"content-type": "application/json", **headers}
    answer = client.post(path(operation), content=body, headers=given)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "remedy", "place"}
    if operation in OPERATIONS:
        told = description(Limits())["paths"][path(operation)]["post"]
        assert str(status) in told["responses"]


def test_names_of_other_sites_are_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("cell", ["/etc/hostname", "README.md", "-", "./derivations"])
def test_a_cell_is_never_the_name_of_a_file(client: TestClient, cell: str) -> None:
    answer = client.post("/api/show", json={"cell": cell})
    assert answer.status_code == 422
    assert answer.json()["place"]["text"] == cell


def test_bad_input_says_where(client: TestClient) -> None:
    wrong = {"cell": "z[t] = W @ h[t-1]\nh[t] = tanh(z[t]", "query": "dL/dW"}
    answer = client.post("/api/query", json=wrong)
    assert answer.status_code == 422
    place = answer.json()["place"]
    assert (place["line"], place["column"]) == (2, 12)
    assert place["text"] == "h[t] = tanh(z[t]"
    printed = answer.json()["error"].splitlines()
    assert printed[2].index("^") - 2 == place["column"] - 1


@pytest.mark.parametrize("where", ["/", "/live.js", "/live.css", "/page.js", "/icon.svg", "/no"])
def test_every_response_has_the_policy(client: TestClient, where: str) -> None:
    answer = client.get(where)
    assert answer.status_code == (404 if where == "/no" else 200)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_page_has_no_script_and_no_style_of_its_own(client: TestClient) -> None:
    page = client.get("/").text
    assert (
        "<style" not in page
        and " style=" not in page
        and " on" not in page.lower().replace(" one ", " ").replace(" on your", " ")
    )
    assert page.count("<script") == page.count("<script src=") == 2


def test_the_catalogue_comes_with_its_texts(client: TestClient) -> None:
    found = client.get("/api/cells").json()
    assert [entry["name"] for entry in found] == list(names())
    assert all(entry["title"] and "=" in entry["text"] for entry in found)
