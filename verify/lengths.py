"""Up to which length of the sequence a wrong claim holds: right for T = 1, wrong for T = 2."""

from __future__ import annotations

from sympy import Expr

from derivations.cell import Cell
from derivations.errors import GradproofError
from verify.claims import Ground, Identity
from verify.exact.arbiter import differs
from verify.exact.compare import Identity as Equation
from verify.exact.schedule import Case, distinct_sizes


def holds_up_to(base: Ground, identity: Identity, length: int, seed: int) -> str:
    """``T <= 3`` where the claim holds for sequences shorter than ``length``; empty if it fails.

    Args:
        length: a length at which it is known to fail.
    """
    cell = base.cell
    if len(cell.axes) != 1:
        return ""
    least, last = _least(cell, identity), length - 1
    if last < least:
        return ""
    end = cell.axes[0].upper
    sizes = dict(zip(cell.sizes, distinct_sizes(), strict=False))
    equation = Equation(identity.left, identity.right, identity.domain)
    try:
        for short in range(least, last + 1):
            if differs(cell, (), equation, Case(sizes, {end: short}), seed) is not None:
                return ""
    except (GradproofError, ValueError):
        return ""
    return f"{end} = {last}" if last == least else f"{end} <= {last}"


def _least(cell: Cell, identity: Identity) -> int:
    """The shortest sequence that the claim is about."""
    end: Expr = cell.axes[0].upper
    lows = [int(r.lower) for r in identity.domain if r.index == end and r.lower.is_Integer]
    return max(lows, default=1)
