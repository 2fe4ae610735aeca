"""Planted mistakes: every row makes some, the sieve sees them, the exact check fails."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from derivations import catalogue
from derivations.deriver import Deriver
from derivations.language.tree import Relation
from derivations.loading import load
from derivations.render.text import text
from derivations.typing.compile import Compiled
from verify.claims.holding import holds
from verify.claims.typing import read_relation
from verify.edits import EDITS, plant
from verify.edits.point import Point
from verify.edits.sieve import Sieve
from verify.identities import identities

CELL = (
    "z[t] = W @ h[t-1] + V @ h[t-2] + b",
    "h[t] = tanh(z[t])",
    "u: scalar",
    "s[t]: scalar",
    "s[t] = sigmoid(u * s[t-1])",
    "loss = sum(t, 1, T, ell(h[t]) + ell(s[t]))",
)
RIGHT = (
    "dL/dh[t] = direct dL/dh[t] + W.T @ diag(tanh'(z[t+1])) @ dL/dh[t+1]"
    " + V.T @ diag(1 - h[t+2] * h[t+2]) @ dL/dh[t+2]",
    "dL/dW = sum(t, 1, T, diag(tanh'(z[t])) @ dL/dh[t] @ h[t-1].T)",
    "ds[T]/ds[k] = prod(j, k+1, T, s[j] * (1 - s[j]) * u)",
    "ds[T]/ds[0] = prod(j, 1, T, s[j] - s[j]**2) * u**T",
)
SAMPLED = 8
"""Mistakes graded per cell of the catalogue; the benchmark grades many more."""


@pytest.fixture(scope="module")
def cell() -> Compiled:
    return load(CELL)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_every_row_applies_somewhere(edit, cell: Compiled) -> None:
    planted = [
        changed
        for claim in RIGHT
        for name, changed in plant(cell, read_relation(cell, claim), frozenset({edit.name}))
    ]
    assert planted
    assert edit.sentence


def test_names_of_rows_are_unique() -> None:
    names = [edit.name for edit in EDITS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("claim", RIGHT)
def test_every_mistake_differs_from_the_claim(claim: str, cell: Compiled) -> None:
    relation = read_relation(cell, claim)
    changed = [made for _, made in plant(cell, relation)]
    assert relation not in changed
    assert len(changed) == len(set(changed))
    assert all(made.left == relation.left for made in changed)


@pytest.mark.parametrize("claim", RIGHT[:3])
def test_the_sieve_agrees_with_right_claims(claim: str, cell: Compiled) -> None:
    relation = read_relation(cell, claim)
    assert Sieve(Point(cell), relation).verdict(relation) == "agrees"
    assert Sieve(Point(cell, scalar=True), relation).verdict(relation) == "agrees"


def test_the_sieve_sees_a_small_mistake(cell: Compiled) -> None:
    relation = read_relation(cell, "dL/dW = 1.000001 * " + RIGHT[1].partition(" = ")[2])
    assert Sieve(Point(cell), relation).verdict(relation) == "differs"


@pytest.mark.parametrize("name", ["rnn-sigmoid", "gru", "lstm", "rnn-skip", "linear-unit", "rnn"])
def test_effective_mistakes_fail_exactly(name: str) -> None:
    compiled = load(name)
    draw = random.Random(name)
    formulas = _formulas(compiled)
    caught = 0
    while caught < SAMPLED:
        relation = draw.choice(formulas)
        kind, wrong = draw.choice(list(plant(compiled, relation)))
        if _effective(compiled, relation, wrong):
            assert holds(compiled, wrong).status in ("fails", "vacuous"), (kind, wrong)
            caught += 1


@pytest.mark.parametrize("name", list(catalogue.names()))
def test_printed_formulas_read_back(name: str) -> None:
    compiled = load(name)
    for identity in identities(Deriver(compiled.cell))[0]:
        formula = identity.formula
        read_relation(compiled, f"{text(formula.left)} = {text(formula.right)}")


def _formulas(compiled: Compiled) -> Sequence[Relation]:
    """Gradients of the parameters through adjoints, as claims."""
    found = identities(Deriver(compiled.cell))[0]
    return [
        read_relation(compiled, f"{text(i.formula.left)} = {text(i.formula.right)}")
        for i in found
        if i.form == "adjoint" and not i.formula.domain
    ]


def _effective(compiled: Compiled, relation: Relation, wrong: Relation) -> bool:
    return Sieve(Point(compiled), relation).verdict(wrong) == "differs"
