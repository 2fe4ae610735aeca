"""Counts for a reader: comment lines below the cell, so that what is shown is still a cell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sympy import Expr, Symbol

from derivations.counts import Counts
from derivations.counts.formula import Count
from derivations.counts.steps import Stored
from derivations.counts.walk import Scope, Tally
from derivations.render.names import text_index
from derivations.render.text import text

WIDTH = 96
NOTES = (
    "A product of an a x b and a b x c matrix takes a*b*c multiply-adds, an elementwise product "
    "one per entry; an addition counts where it follows no product.",
    "A function value is one entry of sigma, tanh, exp, ..., or one quotient.",
    "Backward: the gradients of the parameters, as derived; those of the inputs are left out.",
)


def counts_text(counts: Counts, sizes: Mapping[Symbol, int]) -> str:
    """The counts as comment lines of a cell file."""
    return "\n".join(f"# {line}".rstrip() for line in _lines(counts, sizes))


def _lines(counts: Counts, sizes: Mapping[Symbol, int]) -> Iterator[str]:
    found = counts.parameters
    yield f"Parameters: {_at(found.count, sizes)}"
    rows = [
        (" ".join(w.name for w in weights), _shape(shape), _at(_total(shape, weights), sizes))
        for shape, weights in found.by_shape()
    ]
    yield from _table(rows)
    if found.second:
        more, all_ = found.second_biases, found.count + found.second_biases
        yield f"With two biases for each pre-activation (PyTorch, cuDNN): + {_at(more, sizes)}"
        yield f"  in all {_at(all_, sizes)}"
    if found.targets:
        yield f"Not counted, a target: {', '.join(v.name for v in found.targets)}"
    if counts.cell.inputs:
        given = [f"{text(v)} {_shape(v.shape)}" for v in counts.cell.inputs]
        yield f"Not counted, given at each step: {', '.join(given)}"
    for scope in counts.steps.scopes:
        yield ""
        yield f"{_over(counts, scope)}:"
        yield from _table(_work(counts, scope, sizes))
    yield ""
    carried = (
        ("forward", counts.steps.carried_forward),
        ("backward", counts.steps.carried_backward),
    )
    if any(stored.values for _, stored in carried):
        yield "Carried from one step to the next:"
        yield from _table([(name, _stored(s, sizes)) for name, s in carried if s.values])
        yield ""
    for note in NOTES:
        yield from textwrap.wrap(note, WIDTH - 2)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns below each other; the last one is as wide as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip()


def _work(counts: Counts, scope: Scope, sizes: Mapping[Symbol, int]) -> list[tuple[str, str]]:
    """The rows of one scope."""
    rows: list[tuple[str, str]] = []
    steps = counts.steps
    for name, tallies in (("forward", steps.forward), ("backward", steps.backward)):
        tally = tallies.get(scope, Tally())
        multiply_adds, functions = tally.counts
        parts = [f"{_at(multiply_adds, sizes)} multiply-adds"] if multiply_adds else []
        parts += [f"{_at(functions, sizes)} function values"] if functions else []
        parts += [f"{times} x {call}" for call, times in tally.calls.items()]
        if parts:
            rows.append((name, ", ".join(parts)))
    if scope in steps.kept:
        rows.append(("kept", _stored(steps.kept[scope], sizes)))
    return rows


def _over(counts: Counts, scope: Scope) -> str:
    names = [str(axis.index) for axis in counts.cell.axes if axis.index in scope]
    if not names:
        return "Once"
    return f"Each step {names[0]}" if len(names) == 1 else f"Each ({', '.join(names)})"


def _stored(stored: Stored, sizes: Mapping[Symbol, int]) -> str:
    return f"{_at(stored.count, sizes)} values: {', '.join(map(text, stored.values))}"


def _shape(shape: tuple[Expr, Expr]) -> str:
    return " x ".join(map(text_index, shape))


def _total(shape: tuple[Expr, Expr], weights: Sequence[Any]) -> Count:
    return Count.of(shape[0] * shape[1] for _ in weights)


def _at(count: Count, sizes: Mapping[Symbol, int]) -> str:
    """The formula, and its value where sizes are given."""
    formula = count.text()
    if not sizes or count.value is not None:
        return formula
    return f"{formula} = {count.at(sizes).text()}"
