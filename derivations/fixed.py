"""Formulas about one fixed time: for which lengths of the sequence each of them holds.

A recurrence is about a time t that runs. Asked about ``h[5]``, its ranges become conditions on the
end of the axis: 1 ≤ t ≤ T-1 at t = 5 is T ≥ 6, and t = T is T = 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Integer, Max, Symbol, oo

from derivations.calculus.expand import Alternative, intersect
from derivations.calculus.indices import is_end
from derivations.calculus.regions import holds, stretches
from derivations.cell import Definition, Range
from derivations.derivation import Formula
from derivations.expressions import build
from derivations.expressions.nodes import Leaf
from derivations.expressions.traverse import substitute

ONE = Integer(1)


def is_fixed(step: Expr) -> bool:
    """Whether a step is a number, or counts from an end: 5, T, T - 2."""
    return all(is_end(symbol) for symbol in step.free_symbols)


def at_fixed_times(definition: Definition, leaf: Leaf) -> Iterator[Formula]:
    """A leaf, all of whose steps are fixed: one formula for each stretch of lengths."""
    pieces = list(_conditional(definition, leaf))
    for stretch in stretches([p.domain for p in pieces]):
        lengths = intersect([*stretch, *(Range(r.index, ONE, oo) for r in stretch)])
        if lengths is None:
            continue
        pinned = {r.index: r.lower for r in lengths if r.pinned}
        active = [p.value for p in pieces if holds(p.domain, stretch)]
        right = build.add(*(substitute(value, pinned) for value in active))
        yield Formula(leaf, right, stated(lengths))


def existing(steps: Sequence[Expr], reach: Sequence[tuple[Expr, Expr]]) -> tuple[Range, ...] | None:
    """The lengths for which fixed steps lie between their first and last times; None if never."""
    found: list[Range] = []
    for step, (low, high) in zip(steps, reach, strict=True):
        if is_fixed(step):
            inside = lengths_with(step, low, high)
            if inside is None:
                return None
            found.extend(inside)
    return intersect([*found, *(Range(r.index, ONE, oo) for r in found)])


def stated(domain: Sequence[Range]) -> tuple[Range, ...]:
    """A domain without what is always so: that a sequence has a first step."""
    return tuple(r for r in domain if not (is_end(r.index) and r.lower == 1 and r.upper == oo))


def settled(domain: Sequence[Range]) -> tuple[Range, ...]:
    """A domain whose lower bounds do not compare an end with a first step, which it never precedes.

    Max(1, T) ≤ k ≤ T is k = T.
    """
    return tuple(Range(r.index, _after_start(r.lower), r.upper) for r in domain)


def _after_start(lower: Expr) -> Expr:
    bounds = lower.args if isinstance(lower, Max) else ()
    if not any(isinstance(a, Symbol) and is_end(a) for a in bounds):
        return lower
    return Max(*(a for a in bounds if not (a.is_number and a <= 1)))


def _conditional(definition: Definition, leaf: Leaf) -> Iterator[Alternative]:
    """The pieces at the steps of a leaf, each with the lengths for which it holds."""
    mapping = dict(zip(definition.target.steps, leaf.steps, strict=True))
    for piece in definition.pieces:
        conditions: list[Range] = []
        for r in piece.domain:
            ends = (r.lower.xreplace(mapping), r.upper.xreplace(mapping))
            found = lengths_with(mapping.get(r.index, r.index), *ends)
            if found is None:
                break
            conditions.extend(found)
        else:
            domain = intersect(conditions)
            if domain is not None:
                yield Alternative(substitute(piece.value, mapping), domain)


def lengths_with(step: Expr, lower: Expr, upper: Expr) -> tuple[Range, ...] | None:
    """``lower ≤ step ≤ upper`` as conditions on an end of time; ``None`` if it cannot hold.

    What compares two ends says nothing about the length of one axis and is left out.
    """
    found: list[Range] = []
    for gap in ((step - lower).expand(), (upper - step).expand()):
        ends = gap.free_symbols
        if not ends and gap.is_number and gap < 0:
            return None
        for end in ends if len(ends) == 1 else ():
            factor = gap.coeff(end)
            bound = (end - gap / factor).expand() if factor in (1, -1) else end
            if bound.is_number:
                found.append(Range(end, bound, oo) if factor == 1 else Range(end, -oo, bound))
    return intersect(found)
