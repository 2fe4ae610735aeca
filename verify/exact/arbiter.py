"""Floating point as arbiter: whether a difference in the field is one among the reals, too.

The field keeps fewer identities between functions than the reals do (see ``field_functions``), so a
difference there counts only if extended precision shows it at some point.
"""

from __future__ import annotations

import numpy as np

from derivations.cell import Cell, Definition
from verify.exact.compare import Identity, sides
from verify.exact.result import Failure
from verify.exact.schedule import Case
from verify.exact.settings import FloatSetting
from verify.exact.world import World

REGIMES = ("generic", "generic", "generic", "saturated", "zeros", "exploding")
ROUNDINGS = 4_000.0
"""Rounding errors of extended precision that a small case may collect."""


def differs(
    cell: Cell, derived: tuple[Definition, ...], identity: Identity, case: Case, seed: int
) -> Failure | None:
    """The first point at which both sides differ by more than rounding."""
    for number, regime in enumerate(REGIMES):
        setting = FloatSetting(cell, case, seed + number, regime)
        world = World(cell, case, setting, derived)
        for one, left, right in sides(world, identity):
            a, b = np.broadcast_arrays(np.asarray(left), np.asarray(right))
            if not (np.isfinite(a).all() and np.isfinite(b).all()):
                continue
            scale = max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
            gaps = np.abs(a - b)
            if np.max(gaps, initial=0.0) > ROUNDINGS * setting.arithmetic.epsilon * scale:
                at = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
                return Failure(dict(case.sizes), dict(case.ends), one, float(a[at]), float(b[at]))
    return None
