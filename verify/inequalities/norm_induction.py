"""Norms of states by induction over time: what a norm is at most, one step after it was so."""

from __future__ import annotations

from sympy import Expr, Poly, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.errors import GradproofError
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import substitute
from verify.inequalities.equations import by_equations
from verify.inequalities.never_above import never_above
from verify.inequalities.norm_bounds import RULE, NoBound, bound_of, norm_of, normed
from verify.inequalities.norm_claims import proves, value_in_norms

INDUCTION = f"induction over time, {RULE}"
_DEPTH = 3


def proves_inductively(
    cell: Cell, smaller: MatrixExpr, larger: MatrixExpr, domain: tuple[Range, ...]
) -> bool:
    """Whether ``‖v[t]‖ ≤ b(t)`` holds at its first time, and one step after every time it holds."""
    state = normed(smaller)
    if not isinstance(state, Variable):
        return False
    return any(
        _from_the_first(cell, state, smaller, larger, domain, time)
        for time in domain
        if time.index in state.steps and time.lower.is_Integer
    )


def _from_the_first(
    cell: Cell, state: Variable, smaller: MatrixExpr, larger: MatrixExpr,
    domain: tuple[Range, ...], time: Range,
) -> bool:  # fmt: skip
    first = {time.index: time.lower}
    others = tuple(r for r in domain if r.index != time.index)
    if not proves(cell, substitute(smaller, first), substitute(larger, first), others):
        return False
    before = {time.index: time.index - 1}
    later = (*others, Range(time.index, time.lower + 1, time.upper))
    known = norm_of(substitute(state, before))
    try:
        claimed = value_in_norms(larger, cell)
        earlier = value_in_norms(substitute(larger, before), cell)
        said = smaller
        for _ in range(_DEPTH):
            said = by_equations(cell, said, later)
            bound = _bound(said)
            if bound is None or not _grows_with(bound, known):
                continue
            if never_above(bound.subs(known, earlier), claimed, later):
                return True
    except (NoBound, GradproofError):
        pass
    return False


def _bound(side: MatrixExpr) -> Expr | None:
    try:
        return bound_of(side)
    except NoBound:
        return None


def _grows_with(bound: Expr, norm: Symbol) -> bool:
    """Whether a bound is a polynomial in a norm whose coefficients are not negative."""
    if norm not in bound.free_symbols or not bound.is_polynomial(norm):
        return False
    return all(c.is_nonnegative for c in Poly(bound, norm).coeffs())
