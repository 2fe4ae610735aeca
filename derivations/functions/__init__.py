"""THE table of elementwise functions: value, slope, code, kinks, domain, bounds; a row each."""

from __future__ import annotations

from derivations.functions.row import Function, Interval, Kink, Side
from derivations.functions.table import FUNCTIONS, lookup, slope_taken, taking_slopes

__all__ = [
    "FUNCTIONS",
    "Function",
    "Interval",
    "Kink",
    "Side",
    "lookup",
    "slope_taken",
    "taking_slopes",
]
