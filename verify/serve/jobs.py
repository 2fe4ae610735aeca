"""What workers do: one generator of events per operation; those of the API give one answer each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from derivations.answers import query
from derivations.catalogue import names
from derivations.pipeline import derive
from derivations.render.document import derivation_document, formulas_document
from derivations.render.jsondoc import json_document
from derivations.showing import shown
from derivations.unrolled.drawn import computation_graph
from verify.checking import check
from verify.run import verify
from verify.serve.live import claim_events, live_events
from verify.serve.worker import Event

Asked = dict[str, Any]
Job = Callable[[Asked], Iterator[Event]]


def cell_of(asked: Asked) -> str | list[str]:
    """The cell of a request: a name of the catalogue, or else its text, never a file's name."""
    cell: str = asked["cell"]
    return cell if cell in names() else [cell]


def _show(asked: Asked) -> str:
    cell = cell_of(asked)
    name, equations = (cell, ()) if isinstance(cell, str) else (None, tuple(cell))
    return shown(name, equations, as_json=True)


def _derive(asked: Asked) -> str:
    found = derive(cell_of(asked), asked["wrt"], asked["form"], asked["steps"])
    return json_document(derivation_document(found))


def _query(asked: Asked) -> str:
    answer = query(cell_of(asked), asked["query"], asked["form"], asked["steps"])
    formulas = (*answer.formulas, *answer.where)
    return json_document(formulas_document(formulas, displays=answer.cell.displays))


def _verify(asked: Asked) -> str:
    methods = asked["method"].split(",")
    return json.dumps(verify(cell_of(asked), asked["wrt"], methods, seed=asked["seed"]).as_dict())


def _check(asked: Asked) -> str:
    methods = asked["method"].split(",")
    grade = check(cell_of(asked), asked["claim"], methods, asked["seed"], asked["mend"])
    return json.dumps(grade.as_dict(), ensure_ascii=False)


def _graph(asked: Asked) -> str:
    graph = computation_graph(cell_of(asked), asked["query"], asked["window"], asked["steps"])
    return json.dumps(graph.as_dict(), ensure_ascii=False)


def _answering(answer: Callable[[Asked], str]) -> Job:
    """A job that gives one answer, the JSON of a command."""

    def job(asked: Asked) -> Iterator[Event]:
        yield {"kind": "answer", "json": answer(asked)}

    return job


def _ready(asked: Asked) -> Iterator[Event]:
    """Nothing: whoever asks wants to know that the worker is there."""
    yield from ()


JOBS: dict[str, Job] = {
    "ready": _ready,
    "show": _answering(_show),
    "derive": _answering(_derive),
    "query": _answering(_query),
    "verify": _answering(_verify),
    "check": _answering(_check),
    "graph": _answering(_graph),
    "live": lambda asked: live_events(cell_of(asked), asked["query"]),
    "claim": lambda asked: claim_events(cell_of(asked), asked["claim"]),
}
"""Every job by the name of its operation."""


def warm_up() -> None:
    """Do everything once: what is loaded and filled by that is there for all who come later."""
    cell = "h[t] = tanh(W @ h[t-1] + U @ x[t] + b)"
    for _ in live_events([cell], "dL/dW"):
        pass
    for _ in claim_events([cell], "dh[T]/dh[k] = prod(t, k+2, T, diag(1 - h[t] * h[t]) @ W)"):
        pass
