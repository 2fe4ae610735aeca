"""Stretches of time: where which of several pieces holds, and one formula for each.

The pieces of an adjoint are added where they hold. Their ends cut the time axis into stretches
(t = T, 1 ≤ t ≤ T-1, t = 0); on each the sum is one formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from sympy import Expr, Integer, Symbol, ceiling, oo

from derivations.calculus.expand import Alternative
from derivations.calculus.indices import is_end, magnitude
from derivations.calculus.tidy import short_products
from derivations.cell import Definition, Piece, Range
from derivations.derivation import Formula
from derivations.expressions import build
from derivations.expressions.nodes import Leaf
from derivations.expressions.traverse import substitute


def formulas(definition: Definition) -> Iterator[Formula]:
    """One formula per stretch of time, latest first, for all sufficiently large T."""
    return stretched(definition.target, definition.pieces)


def stretched(left: Leaf, pieces: Sequence[Piece | Alternative]) -> Iterator[Formula]:
    """``left`` as the sum of the pieces that hold, one formula per stretch of time."""
    for stretch in stretches([p.domain for p in pieces]):
        active = [p for p in pieces if holds(p.domain, stretch)]
        pinned = {r.index: r.lower for r in stretch if r.pinned}
        right = build.add(*(substitute(p.value, pinned) for p in active))
        at = left.at([step.xreplace(pinned) for step in left.steps])
        ranges = tuple(r for r in stretch if not r.pinned)
        yield Formula(at, right, (*ranges, *_long_enough(pieces, stretch)))


def disjoint(alternatives: Sequence[Alternative]) -> list[Alternative]:
    """Alternatives that add up, as alternatives of which at most one holds at any time."""
    found = []
    for stretch in stretches([a.domain for a in alternatives]):
        active = [a.value for a in alternatives if holds(a.domain, stretch)]
        pinned = {r.index: r.lower for r in stretch if r.pinned} if len(active) > 1 else {}
        value = short_products(build.add(*(substitute(v, pinned) for v in active)))
        closed = tuple(r for r in stretch if (r.lower, r.upper) != (-oo, oo))
        found.append(Alternative(value, closed))
    return found


def _long_enough(
    pieces: Sequence[Piece | Alternative], stretch: tuple[Range, ...]
) -> Iterator[Range]:
    """The shortest sequence from which on a stretch has these pieces: T - 1 ≥ 1 needs T ≥ 2."""
    for r in stretch:
        orders = [gap for p in pieces for own in p.domain for gap in _order(own, r)]
        ends = {s for gap in orders for s in gap.free_symbols if is_end(s)}
        for end in sorted(ends, key=str):
            shortest = max(_from(gap, end) for gap in orders)
            # Where the stretch is empty nothing is said.
            if shortest > max(1, _from(r.upper - r.lower, end)):
                yield Range(end, Integer(shortest), oo)


def _order(own: Range, r: Range) -> Iterator[Expr]:
    """Differences that must not be negative for a piece to be in, or out of, a stretch."""
    if own.index != r.index:
        return
    inside = (r.lower - own.lower, own.upper - r.upper)
    if holds((own,), (r,)):
        yield from inside
    elif magnitude(own.lower) > magnitude(r.upper):
        yield own.lower - r.upper - 1
    else:
        yield r.lower - own.upper - 1


def _from(gap: Expr, end: Symbol) -> int:
    """The smallest T from which on a difference is not negative, as it is for large T."""
    factor = gap.coeff(end)
    rest = (gap - factor * end).expand()
    if factor == 0 or not rest.is_Integer:
        return 1
    return int(ceiling(-rest / factor))


def stretches(domains: Sequence[tuple[Range, ...]]) -> Iterator[tuple[Range, ...]]:
    """The parts into which the ends of some domains cut time; those where none holds left out."""
    indices = dict.fromkeys(r.index for domain in domains for r in domain)
    cuts = [list(_cut(index, domains)) for index in indices]
    for choice in product(*cuts):
        if any(holds(domain, choice) for domain in domains):
            yield choice


def _cut(index: Symbol, domains: Sequence[tuple[Range, ...]]) -> Iterator[Range]:
    """One axis cut at every end of every range, latest stretch first."""
    cuts: dict[Expr, Expr] = {}
    for domain in domains:
        ranges = [r for r in domain if r.index == index] or [Range(index, -oo, oo)]
        for r in ranges:
            cuts.setdefault(magnitude(r.lower), r.lower)
            cuts.setdefault(magnitude(r.upper + 1), r.upper + 1)
    ordered = [cuts[key] for key in sorted(cuts)]
    for low, high in reversed(list(pairwise(ordered))):
        yield Range(index, low, high - 1)


def holds(domain: tuple[Range, ...], stretch: tuple[Range, ...]) -> bool:
    """Whether a domain covers a whole stretch."""
    for own in domain:
        for r in stretch:
            if r.index == own.index:
                inside = magnitude(own.lower) <= magnitude(r.lower)
                if not inside or magnitude(r.upper) > magnitude(own.upper):
                    return False
    return True
