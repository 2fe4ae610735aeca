"""Bounds of topics that are proved for all values, not at points only.

A side may be replaced by what the topic's own equations say that it equals; a norm is positive
where its square is.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.derivation import Derivation, Formula
from derivations.expressions import build
from derivations.expressions.traverse import substitute
from verify.inequalities.by_values import Claimed, rule_for
from verify.inequalities.lower_bounds import RULE as BELOW
from verify.inequalities.lower_bounds import proves_below
from verify.inequalities.norm_bounds import RULE, normed
from verify.inequalities.norm_claims import proves
from verify.report import Result
from verify.topics.instances import instance
from verify.topics.points import inlined
from verify.topics.relations import at

PROOF = "proof"


def rule_of(formula: Formula, derivation: Derivation, gaps: tuple[Expr, ...] = ()) -> str:
    """The rule that proves a bound; empty where none does.

    Args:
        gaps: what is not negative where the formula holds, besides its domain.
    """
    if formula.relation not in ("<=", ">=", "<", ">"):
        return ""
    cell = at(derivation.cell, formula.given)
    domain = (*_stated(gaps), *formula.domain)
    for left in _forms(formula, derivation):
        smaller, larger = (inlined(side, cell) for side in (left, formula.right))
        if formula.relation in (">=", ">"):
            smaller, larger = larger, smaller
        strictly = formula.relation in ("<", ">")
        if normed(left) is not None and not strictly and proves(cell, smaller, larger, domain):
            return RULE
        if not strictly and proves_below(cell, smaller, larger, domain):
            return BELOW
        by_values = rule_for(cell, Claimed(smaller, larger, domain, strictly))
        if by_values:
            return by_values
    return ""


def proof(formula: Formula, derivation: Derivation, subject: str) -> Result | None:
    """The result about a bound that is proved."""
    rule = rule_of(formula, derivation)
    if not rule:
        return None
    return Result(subject, "bound", PROOF, "pass", checks=1, reason=f"proved by {rule}")


def _forms(formula: Formula, derivation: Derivation) -> Iterator[MatrixExpr]:
    """The left side, what equals it on the way, and what the topic's equations say it is."""
    yield from (formula.left, *formula.via)
    norm = normed(formula.left)
    positive = norm is not None and build.is_zero(formula.right)
    subject = formula.left.arguments[0] if positive else formula.left
    for known in derivation.formulas:
        if known.relation == "=" and not known.given:
            values = instance(known.left, subject)
            if values is not None:
                yield substitute(known.right, values)


def _stated(gaps: tuple[Expr, ...]) -> Iterator[Range]:
    """Ranges of indices that are no less than a number, or than another index."""
    for gap in gaps:
        indices = sorted((s for s in gap.free_symbols if s.is_integer), key=str)
        index = next((s for s in indices if gap.coeff(s) == 1), None)
        if index is not None:
            yield Range(index, index - gap, oo)
