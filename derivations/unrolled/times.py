"""Times as whole numbers: what a range runs over once the ends of the axes are numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Expr, Symbol

from derivations.cell import Range

Env = Mapping[Symbol, Expr]


def environments(ranges: Sequence[Range], env: Env) -> Iterator[dict[Symbol, Expr]]:
    """``env`` with the indices of the ranges, outermost first, at every time that they have."""
    if not ranges:
        yield dict(env)
        return
    first, *rest = ranges
    low, high = first.lower.xreplace(dict(env)), first.upper.xreplace(dict(env))
    for step in range(int(high - low) + 1):
        yield from environments(rest, {**env, first.index: low + step})


def numbers(steps: Sequence[Expr], env: Env) -> tuple[int, ...]:
    """Time steps as numbers."""
    return tuple(int(step.xreplace(dict(env))) for step in steps)
