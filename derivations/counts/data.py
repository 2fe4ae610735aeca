"""Counts as data.

JSON, keys are only ever added: ``{"sizes": {name: number}, "parameters": COUNT, "second_biases":
COUNT, "weights": [{"names", "shape", "count"}], "targets": [names], "inputs": [names], "steps":
[{"over": [indices], "forward": WORK, "backward": WORK, "kept": STORED}], "carried": {"forward":
STORED, "backward": STORED}}`` with COUNT = ``{"text", "latex", "value"}`` (``value`` is null while
a size is open), WORK = ``{"multiply_adds": COUNT, "function_values": COUNT, "calls": {name:
times}}``, STORED = ``{"values": [text], "count": COUNT}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Symbol

from derivations.counts import Counts
from derivations.counts.formula import Count
from derivations.counts.steps import Stored
from derivations.counts.walk import Tally
from derivations.render.names import text_index
from derivations.render.text import text


def counts_data(counts: Counts, sizes: Mapping[Symbol, int]) -> dict[str, Any]:
    """The counts as data; their keys are those above."""
    found, steps = counts.parameters, counts.steps
    return {
        "sizes": {str(size): number for size, number in sizes.items()},
        "parameters": _count_data(found.count, sizes),
        "second_biases": _count_data(found.second_biases, sizes),
        "weights": [
            {
                "names": [weight.name for weight in weights],
                "shape": list(map(text_index, shape)),
                "count": _count_data(Count.of(shape[0] * shape[1] for _ in weights), sizes),
            }
            for shape, weights in found.by_shape()
        ],
        "targets": [target.name for target in found.targets],
        "inputs": [given.name for given in counts.cell.inputs],
        "steps": [
            {
                "over": [str(axis.index) for axis in counts.cell.axes if axis.index in scope],
                "forward": _work_data(steps.forward.get(scope, Tally()), sizes),
                "backward": _work_data(steps.backward.get(scope, Tally()), sizes),
                "kept": _stored_data(steps.kept.get(scope, Stored()), sizes),
            }
            for scope in steps.scopes
        ],
        "carried": {
            "forward": _stored_data(steps.carried_forward, sizes),
            "backward": _stored_data(steps.carried_backward, sizes),
        },
    }


def _count_data(count: Count, sizes: Mapping[Symbol, int]) -> dict[str, Any]:
    return {"text": count.text(), "latex": count.latex(), "value": count.at(sizes).value}


def _work_data(tally: Tally, sizes: Mapping[Symbol, int]) -> dict[str, Any]:
    multiply_adds, functions = tally.counts
    return {
        "multiply_adds": _count_data(multiply_adds, sizes),
        "function_values": _count_data(functions, sizes),
        "calls": dict(tally.calls),
    }


def _stored_data(stored: Stored, sizes: Mapping[Symbol, int]) -> dict[str, Any]:
    values = list(map(text, stored.values))
    return {"values": values, "count": _count_data(stored.count, sizes)}
