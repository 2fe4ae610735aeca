"""Printed formulas of every catalogue cell, pasted back as claims as they stand, are correct.

The longest formula of each form (adjoint, closed, total, immediate) in LaTeX, with its times;
``benchmarks/pasted.py`` pastes all of them, in text as well.
"""

from __future__ import annotations

import pytest
from sympy import preorder_traversal

from derivations import catalogue
from derivations.derivation import Formula
from derivations.deriver import Deriver
from derivations.errors import InputError
from derivations.expressions.nodes import Variable
from derivations.language.unparse import unparse
from derivations.loading import load
from derivations.render.layout import latex_rows
from derivations.render.style import Style
from verify.checking import check
from verify.claims.holding import holds
from verify.claims.ranges import outside_times
from verify.claims.typing import read_about, read_relation
from verify.identities import identities


def longest(cell: str) -> dict[str, Formula]:
    """The formula of each form with the most nodes."""
    found: dict[str, tuple[int, Formula]] = {}
    for identity in identities(Deriver(load(cell).cell))[0]:
        nodes = sum(1 for _ in preorder_traversal(identity.formula.right))
        if nodes > found.get(identity.form, (0, None))[0]:
            found[identity.form] = nodes, identity.formula
    return {form: formula for form, (_, formula) in found.items()}


@pytest.mark.parametrize("cell", catalogue.names())
def test_what_is_printed_is_correct(cell):
    compiled = load(cell)
    for formula in longest(cell).values():
        claim = latex_rows([formula], Style(displays=compiled.cell.displays))
        found = holds(compiled, read_relation(compiled, claim))
        assert found.status == "holds", (claim, found.reason)


@pytest.mark.parametrize("cell", catalogue.names())
def test_what_holds_names_of_step_jacobians_is_correct(cell):
    compiled = load(cell)
    deriver = Deriver(compiled.cell)
    names = {d.target.name for step in deriver.step_jacobians for d in step.definitions}
    style = Style(displays=compiled.cell.displays)
    for parameter in compiled.cell.parameters[:1]:
        for formula in deriver.named_gradient(parameter.name):
            if any(leaf.name in names for leaf in formula.right.atoms(Variable)):
                about, relation = read_about(compiled, latex_rows([formula], style))
                found = holds(about, relation)
                assert found.status == "holds", (formula, found.reason)


TIMES = [
    ("dh[t]/dh[k] = x    (1 <= k <= T-1)", ["1 <= k", "k <= T-1"]),
    (r"\frac{a}{b} &= x && t = T-1, \dots, 1 \\ &\quad + y", ["1 <= t", "t <= T-1"]),
    ("dh[t]/dh[k] = x for all k < t", ["k+1 <= t"]),
    (r"a = b \quad \forall t \in \{1, \dots, T\}", ["1 <= t", "t <= T"]),
    ("a = b, t >= 2", ["2 <= t"]),
    ("a = b    (0 <= k <= T; max(1,k) <= t <= T)",
     ["0 <= k", "k <= T", "1 <= t", "k <= t", "t <= T"]),
    (r"a = b \qquad \max\left(1, k\right) \le t \le T", ["1 <= t", "k <= t", "t <= T"]),
    ("a = b for t = -1, ..., -2", ["-2 <= t", "t <= -1"]),
    ("a = b for t = k-1, ..., 0", ["0 <= t", "t <= k-1"]),
    ("a = b (t = T)", ["t <= T", "T <= t"]),
    ("norm(a) <= norm(W)**(T-k)", []),
    ("dL/db = sum(t, 1, T, delta[t])", []),
    ("k <= T", []),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "times"), TIMES)
def test_times_behind_a_claim(claim, times):
    said, found = outside_times(claim)
    assert len(said) == len(claim)
    assert [unparse(c).replace(" - ", "-").replace(" + ", "+") for c in found] == times


OTHERS = [
    (r"h_t = \sigma(z_t) \text{ where } z_t = U x_t", r"\text{ where } z_t = U x_t"),
    ("h[t] = sigmoid(b) for z[t] = b", "for z[t] = b"),
    ("h[t] = sigmoid(b) if W @ h[t-1] = 0", "if W @ h[t-1] = 0"),
    ("a[t] = U @ x[t]\nh[t][i] = h[t][j] for i = j", "i = j"),
    ("h[t][i] = h[t][j] (i <= 3)", "i <= 3"),
]


@pytest.mark.parametrize(("claim", "said"), OTHERS)
def test_no_other_condition_behind_a_claim_is_lost(claim, said):
    with pytest.raises(InputError) as refused:
        check("rnn-sigmoid", claim)
    assert f"the condition '{said}' behind" in str(refused.value)
    span = refused.value.span
    assert span.text[span.column - 1 : span.end_column - 1] == said
    assert "--eq" in refused.value.remedy


SAID_ANYWAY = [
    "h[t][i] = sigmoid(z[t])[i] for i = 1, ..., n",
    "dL/db = sum(t, 1, T, dL/dz[t])    (1 <= t <= T)",
    r"h_t = \sigma(z_t) \text{ for all } t \ge 1",
]


@pytest.mark.parametrize("claim", SAID_ANYWAY)
def test_all_rows_and_the_range_of_a_sum_may_be_said(claim):
    compiled, relation = read_about(load("rnn-sigmoid"), claim)
    assert holds(compiled, relation).status == "holds"


def test_a_claim_is_judged_at_the_times_that_it_states():
    bi = load("bi-lstm")
    claim = "dc_b[t]/dc_b[t+1] = diag(f_b[t])"
    assert holds(bi, read_relation(bi, claim)).status == "fails"
    assert holds(bi, read_relation(bi, f"{claim} for t = T")).status == "holds"
    assert holds(bi, read_relation(bi, f"{claim}    (t <= T-1)")).status == "fails"
    assert holds(bi, read_relation(bi, f"{claim} for T+1 <= t")).status == "vacuous"
