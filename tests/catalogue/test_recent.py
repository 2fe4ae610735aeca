"""Recurrences of recent papers, as their equations are printed: derived, printed, read, verified.

Nothing in the tool knows them; each file of ``tests/data/recent`` is one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derivations.derivation import Derivation, Formula
from derivations.deriver import Deriver
from derivations.expressions.nodes import Variable
from derivations.loading import load
from derivations.pipeline import derivation, wanted
from derivations.render.layout import latex_rows
from derivations.render.style import Style
from derivations.typing.compile import Compiled
from verify.claims.typing import read_relation, type_relation
from verify.report import Report
from verify.run import verify

FOLDER = Path(__file__).parents[1] / "data" / "recent"
CELLS = {path.stem: path for path in sorted(FOLDER.glob("*.cell"))}
EVERY = pytest.mark.parametrize("name", CELLS)


@cache
def compiled(name: str) -> Compiled:
    """The cell in its file."""
    return load(str(CELLS[name]))


def test_they_are_there_and_each_has_a_source_of_its_own() -> None:
    sources = {compiled(name).cell.source for name in CELLS}
    assert len(sources) == len(CELLS) >= 20 and all(sources)


def introduces(formula: Formula, derived: Derivation) -> bool:
    """Whether it gives a name to a matrix that the cell does not name, as J_t = …"""
    left = formula.left
    return isinstance(left, Variable) and left.name not in derived.cell.templates


def claims(derived: Derivation, style: Style) -> Iterator[tuple[Formula, str]]:
    """Every printed equality, behind the lines that introduce the names of the derivation."""
    given = derived.cell.templates
    new = [
        f for f in derived.formulas if getattr(f.left, "name", None) and f.left.name not in given
    ]
    lines = [latex_rows([f], style) for f in new]
    for formula in derived.formulas:
        if formula in new or formula.left in (d.target for d in derived.cell.definitions):
            continue
        for side in (*formula.via, formula.right):
            one = replace(formula, right=side, via=())
            yield one, "\n".join([*lines, latex_rows([one], style)])


@EVERY
def test_what_is_printed_reads_back(name: str) -> None:
    """Every step, adjoints among them; of the closed forms the gradient of one parameter."""
    cell = compiled(name)
    deriver, style = Deriver(cell.cell), Style(displays=cell.cell.displays)
    first = wanted(deriver, None)[0]
    for form, one in (("steps", None), ("closed", first), ("unrolled", first)):
        derived = derivation(deriver, one, form, steps=2)
        assert derived.formulas
        for formula, claim in claims(derived, style):
            read = type_relation(cell, read_relation(cell, claim))
            assert read.left == formula.left, claim
            assert read.right.shape == formula.right.shape, claim


def passed(report: Report) -> bool:
    return report.ok and all(result.status == "pass" for result in report.results)


@EVERY
def test_every_formula_is_exact(name: str) -> None:
    report = verify(str(CELLS[name]), methods=["exact"])
    assert passed(report) and not report.unavailable
    assert max(result.bound or 0.0 for result in report.results) < 1e-12


@EVERY
def test_every_formula_agrees_with_differences(name: str) -> None:
    report = verify(str(CELLS[name]), methods=["differences"], count=2)
    assert passed(report), [result for result in report.results if result.status != "pass"]


def test_a_memory_without_its_stabilizer_agrees_where_it_saturates() -> None:
    """Its entries are then a hundred orders of magnitude apart."""
    report = verify(str(CELLS["slstm"]), methods=["differences"], count=3)
    assert passed(report), [result for result in report.results if result.status != "pass"]
