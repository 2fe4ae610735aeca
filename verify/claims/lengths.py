"""Up to which length of the sequence a wrong claim holds: right for T = 1, wrong for T = 2."""

from __future__ import annotations

from derivations.errors import GradproofError
from verify.claims.holding import Ground, Identity
from verify.exact.arbiter import GENERIC, differs
from verify.exact.compare import Identity as Equation
from verify.exact.compare import bindings
from verify.exact.kept_worlds import KeptWorlds
from verify.exact.schedule import Case, distinct_sizes
from verify.exact.settings import FloatSetting
from verify.exact.world import World


def holds_up_to(base: Ground, identity: Identity, length: int, seed: int) -> str:
    """``T <= 3`` where the claim holds for sequences shorter than ``length``; empty if it fails.

    Args:
        length: a length at which it is known to fail.
    """
    cell = base.cell
    if len(cell.axes) != 1:
        return ""
    end = cell.axes[0].upper
    sizes = dict(zip(cell.sizes, distinct_sizes(), strict=False))
    equation = Equation(identity.left, identity.right, identity.domain)
    held: list[int] = []
    try:
        for short in range(1, length):
            case = Case(sizes, {end: short})
            world = World(cell, case, FloatSetting(cell, case, seed, GENERIC))
            if not bindings(identity.domain, world):
                continue  # nothing is claimed about sequences of this length
            if differs(cell, (), equation, case, seed, KeptWorlds()) is not None:
                return ""
            held.append(short)
    except (GradproofError, ValueError):
        return ""
    if not held:
        return ""
    return f"{end} = {held[0]}" if len(held) == 1 else f"{end} <= {held[-1]}"
