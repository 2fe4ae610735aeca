"""Turning around an index: from "``v[t-1]`` is used at t" to "``v[τ]`` is used at t = τ+1".

A use of a variable stands under ranges (its equation's times, sums over time). Solving the
steps of the use for those indices gives, for one time τ of the variable, which uses there are:
indices that τ fixes are replaced, the others stay summed, and every range becomes a condition
on τ or a bound of a remaining sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sympy import Expr, Integer, Max, Min, Symbol

from derivations.cell import Range
from derivations.errors import GradproofError

LARGE = Integer(10**6)
"""Stands for "T is large" where two symbolic bounds are put in order."""


class UnsupportedIndex(GradproofError):
    """A time step that is not an index plus a constant, or that names one index twice."""


@dataclass
class Inversion:
    """What :func:`invert` found.

    Attributes:
        solved: use-side index → expression in the variable's own indices τ.
        domain: conditions on τ.
        remaining: use-side indices that stay summed, with their bounds.
    """

    solved: dict[Symbol, Expr] = field(default_factory=dict)
    domain: list[Range] = field(default_factory=list)
    remaining: list[Range] = field(default_factory=list)


def is_end(symbol: Symbol) -> bool:
    """Whether a symbol is the end of an axis: as large as any time step."""
    return symbol.name[:1].isupper()


@lru_cache(maxsize=4096)
def magnitude(bound: Expr) -> Expr:
    """A number that orders bounds for all large T: indices count as one same large number.

    Ends of axes count as another one, which is larger: s ≤ t says more than s ≤ T.
    """
    return bound.subs({s: LARGE**2 if is_end(s) else LARGE for s in bound.free_symbols})


def _difference(a: Expr, b: Expr) -> Expr | None:
    """a - b where it is a number, else None; two open ends are equal."""
    if a == b:
        return Integer(0)
    gap = (a - b).expand()
    return gap if gap.is_number else None


def largest(bounds: Iterable[Expr], known: Sequence[Range] = ()) -> Expr:
    """The greatest of some lower bounds; those that others imply are dropped."""
    return _extreme(bounds, known, 1)


def smallest(bounds: Iterable[Expr], known: Sequence[Range] = ()) -> Expr:
    """The least of some upper bounds; those that others imply are dropped."""
    return _extreme(bounds, known, -1)


def _extreme(bounds: Iterable[Expr], known: Sequence[Range], sign: int) -> Expr:
    kept: list[Expr] = []
    for bound in bounds:
        if any(_implied(bound, other, known, sign) for other in kept):
            continue
        kept = [other for other in kept if not _implied(other, bound, known, sign)]
        kept.append(bound)
    if len(kept) == 1:
        return kept[0]
    return Max(*kept) if sign > 0 else Min(*kept)


def _implied(weak: Expr, strong: Expr, known: Sequence[Range], sign: int) -> bool:
    """Whether ``strong`` makes ``weak`` superfluous, given the ranges of τ."""
    gap = _difference(strong, weak)
    if gap is None and _never_negative(sign * (strong - weak)):
        return True
    if gap is None:
        for r in known:
            end = r.lower if sign > 0 else r.upper
            gap = _difference(strong.subs(r.index, end), weak)
            if gap is not None and strong.coeff(r.index) == 1:
                break
        else:
            return False
    return bool(gap * sign >= 0)


def _never_negative(gap: Expr) -> bool:
    """Whether a sum of ends and a number is at least 0 for every sequence; an end is 1 or more."""
    gap = gap.expand()
    ends = gap.free_symbols
    return (
        all(is_end(end) and gap.coeff(end).is_positive for end in ends)
        and gap.is_polynomial(*ends)
        and bool(gap.subs(dict.fromkeys(ends, Integer(1))) >= 0)
    )


def invert(steps: Sequence[Expr], own: Sequence[Symbol], ranges: Sequence[Range]) -> Inversion:
    """Solve ``steps = own`` for the indices of ``ranges``.

    Args:
        steps: the time steps of the use, in use-side indices.
        own: the variable's own index symbols τ, one per step; disjoint from the use-side ones.
        ranges: the use-side indices with their bounds, outermost first.

    Raises:
        UnsupportedIndex: a step mentions two indices, or an index with a factor.
    """
    result = Inversion()
    use_side = {r.index for r in ranges}
    for target, step in zip(own, steps, strict=True):
        step = step.xreplace(result.solved)
        unknown = sorted(step.free_symbols & use_side, key=str)
        if not unknown:
            if step != target:
                _pin(result, target, step)
            continue
        index = unknown[0]
        factor = step.coeff(index)
        rest = (step - factor * index).expand()
        if len(unknown) > 1 or factor not in (1, -1) or rest.free_symbols & use_side:
            raise UnsupportedIndex(f"the time step {step} is not one index plus a constant")
        result.solved[index] = ((target - rest) * factor).expand()
    _carry_ranges(result, own, ranges)
    return result


def _pin(result: Inversion, target: Symbol, step: Expr) -> None:
    """A fixed time (``h[T]``), or the same index twice, is a condition on τ."""
    result.domain.append(Range(target, step, step))


def _carry_ranges(result: Inversion, own: Sequence[Symbol], ranges: Sequence[Range]) -> None:
    bounds: dict[Symbol, tuple[list[Expr], list[Expr]]] = {}
    left = {r.index for r in ranges} - set(result.solved)
    for r in ranges:
        subject = result.solved.get(r.index, r.index)
        for end, is_lower in ((r.lower, True), (r.upper, False)):
            _bound(bounds, left, own, subject, end.xreplace(result.solved), is_lower)
    _eliminate(bounds, left, own)
    pinned = {r.index for r in result.domain}
    for index in own:
        if index in bounds and index not in pinned:
            low, high = bounds[index]
            result.domain.append(Range(index, largest(low), smallest(high)))
    for r in ranges:
        if r.index in left:
            low, high = bounds[r.index]
            known = result.domain
            result.remaining.append(Range(r.index, largest(low, known), smallest(high, known)))


def _bound(
    bounds: dict[Symbol, tuple[list[Expr], list[Expr]]],
    left: set[Symbol],
    own: Sequence[Symbol],
    subject: Expr,
    end: Expr,
    is_lower: bool,
) -> None:
    """Record ``subject ≥ end`` (or ≤) as a bound on one index, a summed one before a τ."""
    gap = (subject - end).expand()
    candidates = sorted(gap.free_symbols & left, key=str) or [
        s for s in own if gap.coeff(s) in (1, -1)
    ]
    if not candidates:
        return
    preferred = [s for s in candidates if subject.has(s)] or candidates
    index = preferred[0]
    factor = gap.coeff(index)
    value = (index - gap / factor).expand()
    lower_side = is_lower == (factor == 1)
    low, high = bounds.setdefault(index, ([], []))
    (low if lower_side else high).append(value)


def _eliminate(
    bounds: dict[Symbol, tuple[list[Expr], list[Expr]]], left: set[Symbol], own: Sequence[Symbol]
) -> None:
    """What a sum that may not be empty says about τ: k ≤ t ≤ T bounds k (Fourier and Motzkin)."""
    for index in sorted(left & bounds.keys(), key=str):
        lows, highs = bounds[index]
        for low in lows:
            for high in highs:
                gap = (high - low).expand()
                for symbol in own:
                    factor = gap.coeff(symbol)
                    if factor in (1, -1) and not gap.free_symbols & left:
                        found = bounds.setdefault(symbol, ([], []))
                        found[0 if factor == 1 else 1].append((symbol - gap / factor).expand())
