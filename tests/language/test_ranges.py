"""Ranges behind an equation say from when on it holds; what only looks like one stays."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.language import parse_cell
from derivations.language.unparse import unparse
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


STARTS = [
    ("h[t] = W @ h[t-1], t = 2, ..., T", 2),
    ("h[t] = W @ h[t-1] for t = 3..T", 3),
    (r"h_t = W h_{t-1}, \quad t = 2, \dots, T", 2),
    (r"h_t = W h_{t-1} \quad (2 \le t \le T)", 2),
    (r"h_\tau = W h_{\tau-1}, \quad \tau = 2, 3, \ldots, T", 2),
    (r"h_{t+1} = W h_t, \quad t = 1, \dots, T-1", 2),
    (r"h_{t+1} = W h_t, \quad t = 0, \dots, T-1", 1),
    (r"h_{t} = \begin{cases} V c & t = 1 \\ W h_{t-1} & t \ge 3 \end{cases}", 3),
    (r"h_{t} = \begin{cases} V c & t = 1 \\ W h_{t-1} & t > 1 \end{cases}", 2),
]


@pytest.mark.parametrize(("line", "first"), STARTS)
def test_a_range_says_where_an_equation_begins(line: str, first: int) -> None:
    cell = load([line]).cell
    (general,) = [p for p in cell.defined["h"].pieces if not any(r.pinned for r in p.domain)]
    assert [r.lower for r in general.domain] == [first]
    source = parse_cell([line])
    assert parse_cell(unparse(source)) == source


def test_a_range_in_rows_of_an_alignment() -> None:
    rows = r"\begin{align} e_s &= \tanh(V e_{s-1}), & s &= 1,\dots,S \\ y_s &= U e_s \end{align}"
    names = [equation.target.name for equation in parse_cell([rows]).equations]
    assert names == ["e", "y"]


def test_an_index_that_is_given_a_value_is_refused() -> None:
    with pytest.raises(InputError, match="s is a time index"):
        load(["e[s] = tanh(V @ e[s-1])", "s = 1"])
