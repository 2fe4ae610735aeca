"""Ranges behind an equation change nothing, and what only looks like one stays."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.language import parse_cell
from derivations.loading import load

TEXT = "e[s] = tanh(V @ e[s-1])"
LATEX = r"e_s = \tanh(V e_{s-1})"

RANGES = [
    (LATEX, r", \quad s = 1, \dots, S"),
    (LATEX, r",\; s=1,\ldots,S"),
    (LATEX, r"\quad (s = 1, \ldots, S)"),
    (LATEX, r", \quad s = 1, 2, \dots, S."),
    (LATEX, r", \quad \forall s"),
    (LATEX, r" \quad \text{for } s = 1..S"),
    (LATEX, r", \quad s \in \{1, \dots, S\}"),
    (LATEX, r", \quad 1 \le s \le S"),
    (TEXT, ", s = 1, ..., S"),
    (TEXT, " for s = 1..S"),
    (TEXT, "  for all s"),
    (TEXT, ", s = 1, …, S"),
]


@pytest.mark.parametrize(("line", "behind"), RANGES)
def test_a_range_changes_nothing(line: str, behind: str) -> None:
    assert parse_cell([line + behind]) == parse_cell([line])
    assert str(load([line + behind]).cell) == str(load([line]).cell)


def test_a_range_in_rows_of_an_alignment() -> None:
    rows = r"\begin{align} e_s &= \tanh(V e_{s-1}), & s &= 1,\dots,S \\ y_s &= U e_s \end{align}"
    names = [equation.target.name for equation in parse_cell([rows]).equations]
    assert names == ["e", "y"]


def test_an_index_that_is_given_a_value_is_refused() -> None:
    with pytest.raises(InputError, match="s is a time index"):
        load(["e[s] = tanh(V @ e[s-1])", "s = 1"])
