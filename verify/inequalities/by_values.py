"""Proofs by values: one side never reaches what the other never falls below, or by induction.

By induction over time a state of which the claim says how large it is at most is as large as
claimed one step before, whatever the rest of its equation does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sympy import Expr, S, Symbol, oo, sqrt
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Constant, Entry, Variable
from derivations.expressions.traverse import nodes_in, substitute
from verify.inequalities.differences import difference
from verify.inequalities.equations import by_equations
from verify.inequalities.norm_bounds import normed
from verify.inequalities.numbers import value_of
from verify.inequalities.spans import ZERO, Span
from verify.inequalities.value_ranges import Ranges

Signs = Literal["both", "above", "below"]
RULE = "the values that functions and sums of them can have"
MOST_VARIABLES = 6
"""Variables of a difference that are replaced by what their equations say, each on its own."""
INDUCTION = f"induction over time, and {RULE}"


@dataclass(frozen=True)
class Claimed:
    """``smaller ≤ larger``, or strictly, at every index of a domain."""

    smaller: MatrixExpr
    larger: MatrixExpr
    domain: tuple[Range, ...]
    strictly: bool = False


def rule_for(cell: Cell, claim: Claimed) -> str:
    """The rule that proves a claim; empty if none does."""
    if _always(Ranges(cell, _later(claim.domain)), claim):
        return RULE
    if any(_inductive(cell, claim, t) or _growing(cell, claim, t) for t in claim.domain):
        return INDUCTION
    entries = _by_entries(claim)
    return rule_for(cell, entries) if entries is not None else ""


def _by_entries(claim: Claimed) -> Claimed | None:
    """‖v‖ ≤ b follows from |vᵢ| ≤ b/√n, where b is a number."""
    vector, bound = normed(claim.smaller), value_of(claim.larger, lambda number: number)
    if vector is None or bound is None or 1 not in vector.shape or vector.shape == (1, 1):
        return None
    rows, cols = vector.shape
    each = Constant((bound / sqrt(rows * cols)).expand(), rows, cols)
    return Claimed(build.apply("abs", (0,), vector), each, claim.domain, claim.strictly)


def _later(domain: tuple[Range, ...]) -> dict[Symbol, Expr]:
    """Times as the first of their range plus what is never negative, and T as no less than them."""
    found: dict[Symbol, Expr] = {}
    for r in domain:
        if not r.lower.is_finite and r.lower.is_number:
            continue
        after = Symbol(f"after {r.index}", integer=True, nonnegative=True)
        found[r.index] = r.lower.subs(found) + (S.Zero if r.pinned else after)
        if r.upper.is_Symbol and r.upper not in found:
            more = Symbol(f"before {r.upper}", integer=True, nonnegative=True)
            found[r.upper] = found[r.index] + more
    return found


def _always(ranges: Ranges, claim: Claimed) -> bool:
    """Whether the span of one side ends before that of the other begins."""
    smaller, larger = ranges.of(claim.smaller), ranges.of(claim.larger)
    if smaller.below(larger, claim.strictly):
        return True
    if claim.smaller.shape != claim.larger.shape:
        return False
    forms = _differences(ranges.cell, claim)
    return any(ZERO.below(ranges.of(gap), claim.strictly) for gap in forms)


def _differences(cell: Cell, claim: Claimed) -> Iterator[MatrixExpr]:
    """larger − smaller; then with all variables, and each alone, as their equations say."""
    yield difference(claim.larger, claim.smaller)
    every = (by_equations(cell, side, claim.domain) for side in (claim.larger, claim.smaller))
    yield difference(*every)
    variables = nodes_in(claim.larger, Variable) | nodes_in(claim.smaller, Variable)
    for variable in sorted(variables, key=str)[:MOST_VARIABLES]:
        sides = (by_equations(cell, side, claim.domain, variable)
                 for side in (claim.larger, claim.smaller))  # fmt: skip
        yield difference(*sides)


def _growing(cell: Cell, claim: Claimed, time: Range) -> bool:
    """Whether the difference is not negative at the first time, and never shrinks from then on."""
    if claim.smaller.shape != claim.larger.shape or not time.lower.is_Integer:
        return False
    at_first = {time.index: time.lower}
    first = replace(
        claim,
        smaller=substitute(claim.smaller, at_first),
        larger=substitute(claim.larger, at_first),
        domain=tuple(r for r in claim.domain if r.index != time.index),
    )
    if not _always(Ranges(cell, _later(first.domain)), first):
        return False
    rest = _within(claim.domain, Range(time.index, time.lower + 1, time.upper))
    before = {time.index: time.index - 1}
    earlier = difference(substitute(claim.larger, before), substitute(claim.smaller, before))
    ranges = Ranges(cell, _later(rest))
    later = replace(claim, domain=rest)
    return any(
        ZERO.below(ranges.of(difference(gap, earlier)), False) for gap in _differences(cell, later)
    )


def _inductive(cell: Cell, claim: Claimed, time: Range) -> bool:
    """Whether the claim holds at its first time, and one step later whenever it holds."""
    bounded = _bounded(claim, time.index)
    if bounded is None or not time.lower.is_Integer:
        return False
    first = _within(claim.domain, Range(time.index, time.lower, time.lower))
    rest = _within(claim.domain, Range(time.index, time.lower + 1, time.upper))
    if not _always(Ranges(cell, _later(first)), claim):
        return False
    state, bound, signs = bounded
    before = Ranges(cell, _later(rest)).of(substitute(bound, {time.index: time.index - 1}))
    if before.low != before.high:
        return False

    def known(variable: Variable) -> Span | None:
        """What the claim says one step before."""
        earlier = tuple(step.xreplace({time.index: time.index - 1}) for step in state.steps)
        if variable.name != state.name or variable.steps != earlier:
            return None
        low = {"both": -before.high, "above": -oo, "below": before.low}[signs]
        high = oo if signs == "below" else before.high
        return Span(low, high, claim.strictly or low == -oo, claim.strictly or high == oo)

    return _always(Ranges(cell, _later(rest), known), claim)


def _within(domain: tuple[Range, ...], time: Range) -> tuple[Range, ...]:
    """The domain with another range for one index."""
    return tuple(time if r.index == time.index else r for r in domain)


def _bounded(claim: Claimed, index: Symbol) -> tuple[Variable, MatrixExpr, Signs] | None:
    """A state that one side is, the number that bounds its entries, and from which side."""
    for side, bound in ((claim.smaller, claim.larger), (claim.larger, claim.smaller)):
        both = isinstance(side, Apply) and side.function == "abs" and not any(side.orders)
        inner = side.arguments[0] if both else side
        inner = inner.matrix if isinstance(inner, Entry) else inner
        state = isinstance(inner, Variable) and index in inner.steps
        if state and not nodes_in(bound, Variable) and not (both and side is claim.larger):
            return inner, bound, "both" if both else "above" if side is claim.smaller else "below"
    return None
