"""Domains of values: their order, their shifts, and the names of what lies at their ends."""

from __future__ import annotations

from sympy import Expr, Symbol

from derivations.cell import Range
from derivations.expressions.nodes import Variable


def ordered(target: Variable, domain: tuple[Range, ...]) -> tuple[Range, ...]:
    """The ranges in the order of the steps of a variable."""
    by_index = {r.index: r for r in domain}
    return tuple(by_index[index] for index in target.steps)


def same(domain: tuple[Range, ...], ranges: tuple[Range, ...]) -> bool:
    """Whether two domains are equal, whatever their order."""
    return set(domain) == set(ranges)


def shifted(domain: tuple[Range, ...], index: Symbol, steps: int) -> tuple[Range, ...]:
    """The domain moved along one index."""
    return tuple(
        Range(index, (r.lower + steps).expand(), (r.upper + steps).expand())
        if r.index == index
        else r
        for r in domain
    )


def edge_name(name: str, time: Expr) -> str:
    """``h0`` for h[0], ``h_m1`` for h[-1], ``h_T1`` for h[T+1]."""
    joint = "_" if name[-1].isdigit() else ""
    if time.is_number:
        return f"{name}{joint}{time}" if time >= 0 else f"{name}_m{-time}"
    (end,) = time.free_symbols
    offset = int(time - end)
    return f"{name}_{end}{offset}" if offset >= 0 else f"{name}_{end}m{-offset}"


def show(domain: tuple[Range, ...]) -> str:
    """The domain for a message."""
    return ", ".join(f"{r.index} = {r.lower}..{r.upper}" for r in domain)
