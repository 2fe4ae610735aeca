"""Inequalities: proved by a rule, refuted by a search, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sympy import Integer, Symbol, oo

from derivations.cell import Cell, Range
from derivations.errors import InputError
from derivations.language.tree import Relation
from derivations.typing.compile import Compiled
from verify.claims.correct_form import correct_form
from verify.claims.domain import domain_of
from verify.claims.grade import Grade, Verdict
from verify.claims.typing import type_relation
from verify.conventions import AFTER_START, ZERO_START
from verify.inequalities.by_values import Claimed, rule_for
from verify.inequalities.lower_bounds import RULE as BELOW
from verify.inequalities.lower_bounds import proves_below
from verify.inequalities.norm_bounds import RULE
from verify.inequalities.norm_claims import proves
from verify.inequalities.norm_induction import INDUCTION, proves_inductively
from verify.inequalities.search import RESTARTS, refute


def grade_inequality(compiled: Compiled, relation: Relation, seed: int) -> Grade:
    """The grade of a relation by size.

    Raises:
        InputError: the claim does not type, or is about no time at all.
    """
    claimed = _typed(compiled.cell, compiled, relation)
    rule = _rule(compiled.cell, claimed)
    tried = refute(compiled.cell, claimed, seed, 0 if rule else RESTARTS)
    found = tried.found
    if found is not None and relation.operator in (">=", ">"):
        found = replace(found, claimed=found.true, true=found.claimed)
    evidence: list[dict[str, Any]] = []
    if rule:
        evidence.append({"method": "proof", "status": "pass", "rule": rule})
    status = "fail" if found else "pass"
    evidence.append({"method": "search", "status": status, "evaluations": tried.evaluations})
    form = correct_form(compiled, relation)
    conditions: tuple[str, ...] = ()
    verdict: Verdict
    if rule and found:
        verdict, reason = "undecided", "A rule proves the claim, but a search refutes it."
    elif rule:
        verdict, reason = "correct", f"The claim is proved by {rule}."
    elif found:
        verdict, reason = "wrong", "The claim is violated at the counterexample."
        conditions = tuple(_conditions(compiled, relation, seed))
        if conditions:
            verdict = "conditional"
            reason = f"The claim holds only if {'; or if '.join(conditions)}."
    else:
        verdict = "undecided"
        reason = f"Not refuted in {tried.evaluations} evaluations, and no rule proves it."
    return Grade(
        verdict, conditions, tuple(evidence), found, correct_form=form, reason=reason
    )  # fmt: skip


def _typed(cell: Cell, compiled: Compiled, relation: Relation) -> Claimed:
    """The relation with the side that is claimed to be smaller first."""
    claim = type_relation(compiled, relation)
    sides = (claim.left, claim.right)
    domain = domain_of(cell, sides, claim.indices, claim.entries, claim.gaps)
    smaller, larger = sides if relation.operator in ("<=", "<") else sides[::-1]
    return Claimed(smaller, larger, domain, relation.operator in ("<", ">"))


def _rule(cell: Cell, claimed: Claimed) -> str:
    """The rules that prove a claim; empty if none do."""
    smaller, larger = claimed.smaller, claimed.larger
    if not claimed.strictly and proves(cell, smaller, larger, claimed.domain):
        return RULE
    if not claimed.strictly and proves_inductively(cell, smaller, larger, claimed.domain):
        return INDUCTION
    if not claimed.strictly and proves_below(cell, smaller, larger, claimed.domain):
        return BELOW
    return rule_for(cell, claimed)


def _conditions(compiled: Compiled, relation: Relation, seed: int) -> Iterator[str]:
    """Readings under which a rule proves the claim and no search refutes it."""
    for reading in (ZERO_START, AFTER_START):
        changed = reading.relation(relation, compiled)
        cell = reading.cell(compiled.cell)
        with suppress(InputError):
            claimed = _typed(cell, compiled, changed)
            if _rule(cell, claimed) and refute(cell, claimed, seed, 0).found is None:
                yield reading.says
    as_written = _typed(compiled.cell, compiled, relation)
    for symbol in _counts(compiled.cell):
        several = replace(as_written, domain=(Range(symbol, Integer(2), oo), *as_written.domain))
        if _rule(compiled.cell, several) and not refute(compiled.cell, several, seed, 0).found:
            yield f"{symbol} >= 2"


def _counts(cell: Cell) -> tuple[Symbol, ...]:
    """The sizes, and the lengths of time."""
    return (*cell.sizes, *(axis.upper for axis in cell.axes))
