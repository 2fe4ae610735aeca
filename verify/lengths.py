"""Up to which length of the sequence a wrong claim holds: right for T = 1, wrong for T = 2."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Integer

from derivations.cell import Cell, Range
from derivations.errors import GradproofError
from verify.claims import Ground, Identity


def holds_up_to(base: Ground, identity: Identity, length: int, seed: int) -> str:
    """``T <= 3`` where the claim holds for sequences shorter than ``length``; empty if it fails.

    Args:
        length: a length at which it is known to fail.
    """
    cell = base.cell
    if not cell.axes:
        return ""
    least, last = _least(cell, identity), length - 1
    if last < least:
        return ""
    end = cell.axes[0].upper
    short = replace(identity, domain=(*identity.domain, Range(end, Integer(1), Integer(last))))
    try:
        if base.check(short, seed).status != "pass":
            return ""
    except GradproofError:
        return ""
    return f"{end} = {last}" if last == least else f"{end} <= {last}"


def _least(cell: Cell, identity: Identity) -> int:
    """The shortest sequence that the claim is about."""
    end: Expr = cell.axes[0].upper
    lows = [int(r.lower) for r in identity.domain if r.index == end and r.lower.is_Integer]
    return max(lows, default=1)
