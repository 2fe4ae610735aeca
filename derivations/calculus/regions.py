"""Stretches of time: where which of several pieces holds, and one formula for each.

The pieces of an adjoint are added where they hold. Their ends cut the time axis into stretches
(t = T, 1 ≤ t ≤ T-1, t = 0); on each the sum is one formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from sympy import Expr, Integer, Symbol, oo

from derivations.calculus.indices import magnitude
from derivations.cell import Definition, Range
from derivations.derivation import Formula
from derivations.expressions import build
from derivations.expressions.traverse import substitute

LONGEST_DELAY = 12
"""Sequences shorter than this are looked at one by one for where stretches overlap."""


def formulas(definition: Definition) -> Iterator[Formula]:
    """One formula per stretch of time, latest first, for all sufficiently large T."""
    steps = definition.target.steps
    for stretch in stretches([p.domain for p in definition.pieces]):
        active = [p for p in definition.pieces if holds(p.domain, stretch)]
        pinned = {r.index: r.lower for r in stretch if r.pinned}
        right = build.add(*(substitute(p.value, pinned) for p in active))
        left = definition.target.at([step.xreplace(pinned) for step in steps])
        ranges = tuple(r for r in stretch if not r.pinned)
        yield Formula(left, right, (*ranges, *_long_enough(definition, stretch)))


def _long_enough(definition: Definition, stretch: tuple[Range, ...]) -> Iterator[Range]:
    """The shortest sequence at which a single time is in its stretch: T - 1 ≥ 1 needs T ≥ 2."""
    single = [r for r in stretch if r.pinned and r.lower.free_symbols]
    asymptotic = [holds(p.domain, stretch) for p in definition.pieces]
    for r in single:
        for end in sorted(r.lower.free_symbols, key=str):
            shortest = 1
            for length in range(1, LONGEST_DELAY):
                time = r.lower.subs(end, length)
                now = [_covers(p.domain, r.index, time, end, length) for p in definition.pieces]
                if any(a != b for a, b in zip(now, asymptotic, strict=True)):
                    shortest = length + 1
            if shortest > 1:
                yield Range(end, Integer(shortest), oo)


def _covers(domain: tuple[Range, ...], index: Symbol, time: Expr, end: Symbol, length: int) -> bool:
    """Whether a domain holds at one time of a sequence of this length."""
    own = [r for r in domain if r.index == index]
    return all(
        bool(r.lower.subs(end, length) <= time) and bool(time <= r.upper.subs(end, length))
        for r in own
    )


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
    for low, high in reversed(list(zip(ordered, ordered[1:], strict=False))):
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
