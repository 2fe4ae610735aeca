"""Exact fractions: threshold and piecewise linear cells are computed without any rounding."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verify.arithmetic.entries import EntryArithmetic, NoCounterpart

MOST_DIGITS = 4_000
"""Bits that a denominator or a numerator may have before the run is called off."""


class RationalArithmetic(EntryArithmetic):
    """Fractions of whole numbers."""

    name = "exact fractions"

    def convert(self, value: Any) -> Fraction:
        exact = value if isinstance(value, Fraction) else Fraction(value)
        if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > MOST_DIGITS:
            raise NoCounterpart(f"a value needs more than {MOST_DIGITS} bits to be exact")
        return exact

    def choose(
        self, x: Fraction, point: Fraction, below: Fraction, above: Fraction, equal: Fraction
    ) -> Fraction:
        if x == point:
            return equal
        return above if x > point else below

    def signs(self, x: Fraction) -> frozenset[int]:
        return frozenset({(x > 0) - (x < 0)})

    def primitive(self, name: str) -> Callable[[Any], Any]:
        # σ(0), tanh(0), … are rational, and a threshold often stands exactly there.
        known = {"exp": 1, "cosh": 1, "cos": 1, "sech": 1, "log": None, "pi": None}
        value = known.get(name, 0)

        def at_zero(x: Any) -> Fraction:
            if value is None or x != 0:
                raise NoCounterpart(f"{name} is not rational")
            return Fraction(value)

        return at_zero
