"""Bounds of topics that the rules of norms prove for all values, not at points only."""

from __future__ import annotations

from derivations.cell import Cell
from derivations.derivation import Formula
from verify.inequalities.norm_bounds import RULE, normed
from verify.inequalities.norm_claims import proves
from verify.report import Result
from verify.topics.points import inlined
from verify.topics.relations import at

PROOF = "proof"


def provable(formula: Formula, cell: Cell) -> bool:
    """Whether a formula is an upper bound of a norm that the rules prove as it stands."""
    if formula.relation != "<=" or normed(formula.left) is None:
        return False
    there = at(cell, formula.given)
    smaller, larger = (inlined(side, there) for side in (formula.left, formula.right))
    return proves(cell, smaller, larger, formula.domain)


def proof(subject: str) -> Result:
    """The result about a bound that is proved."""
    return Result(subject, "bound", PROOF, "pass", checks=1, reason=f"proved by {RULE}")
