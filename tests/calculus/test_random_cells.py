"""Every formula of a random cell agrees with an oracle that sees forward equations only."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from derivations.cell import Cell
from derivations.deriver import Deriver
from derivations.language import parse_cell
from derivations.typing.compile import compile_cell
from verify.cases import Case
from verify.floating import check_identities
from verify.identities import identities
from verify.report import Result
from verify.strategies import cells, random_cell

LONGEST = 900
"""Longer cells take seconds each; a loop over seeds from the command line has them too."""


def schedule(cell: Cell, lengths: tuple[int, ...], seed: int = 1) -> Iterator[Case]:
    """One case per length, sizes pairwise distinct and rotated."""
    for turn, length in enumerate(lengths):
        count = max(len(cell.sizes), 1)
        sizes = {size: 2 + (k + turn) % count for k, size in enumerate(cell.sizes)}
        ends = {axis.upper: length + k for k, axis in enumerate(cell.axes)}
        yield Case(sizes, ends, "generic", seed)


def lengths_for(text: str, lengths: tuple[int, ...]) -> tuple[int, ...]:
    """Attention over one time is constant: its slopes are zero, and float64 leaves rounding
    there, of which no relative error can judge. Such cells start at two times."""
    return tuple(max(length, 2) for length in lengths) if "exp(tanh(e_" in text else lengths


def check(text: str, lengths: tuple[int, ...], method: str = "differences") -> list[Result]:
    """Adjoints, closed forms and Jacobians of a cell, each against one oracle."""
    cell = compile_cell(parse_cell(text)).cell
    deriver = Deriver(cell)
    found, _ = identities(deriver)
    adjoints = deriver.adjoints.values()
    cases = schedule(cell, lengths_for(text, lengths))
    return check_identities(cell, adjoints, found, method, cases)


def refuted(results: list[Result]) -> list[tuple[str, str, object]]:
    return [(r.subject, r.form, r.failure) for r in results if r.status == "fail"]


SHORT = [s for s in range(200) if len(random_cell(Random(s))) < LONGEST]


@pytest.mark.parametrize("seed", SHORT[:60])
def test_a_cell_from_a_seed(seed: int) -> None:
    lengths = ((1, 3), (2,), (5,), (2, 4))[seed % 4]
    assert not refuted(check(random_cell(Random(seed)), lengths))


@pytest.mark.parametrize("seed", SHORT[60:66])
def test_a_cell_from_a_seed_against_autodiff(seed: int) -> None:
    assert not refuted(check(random_cell(Random(seed)), (3,), "autodiff"))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells().filter(lambda text: len(text) < LONGEST))
def test_a_cell_that_hypothesis_shrinks(text: str) -> None:
    assert not refuted(check(text, (3,)))


def test_a_wrong_equation_is_refuted() -> None:
    """The formulas of one cell are not those of another, one sign away."""
    right, wrong = (
        compile_cell(parse_cell(f"h[t] = tanh(W @ h[t-1] {sign} U @ x[t])")).cell for sign in "+-"
    )
    deriver = Deriver(wrong)
    found, _ = identities(deriver)
    adjoints = deriver.adjoints.values()
    results = check_identities(right, adjoints, found, "differences", schedule(right, (3,)))
    assert refuted(results)
