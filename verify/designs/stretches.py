"""Stretches of the number line with exact ends, and the simplest number in one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Stretch:
    """All numbers between two ends; ``None`` is an infinite end.

    Attributes:
        closed_low, closed_high: whether the end itself belongs to it.
    """

    low: Fraction | None
    high: Fraction | None
    closed_low: bool = False
    closed_high: bool = False

    def __str__(self) -> str:
        if self.low is not None and self.low == self.high:
            return f"{{{self.low}}}"
        low = "-inf" if self.low is None else str(self.low)
        high = "inf" if self.high is None else str(self.high)
        return f"{'[' if self.closed_low else '('}{low}, {high}{']' if self.closed_high else ')'}"

    def __contains__(self, x: Fraction) -> bool:
        above = self.low is None or x > self.low or (self.closed_low and x == self.low)
        below = self.high is None or x < self.high or (self.closed_high and x == self.high)
        return above and below

    @property
    def point(self) -> Fraction | None:
        """The one number of it, where there is just one."""
        return self.low if self.low is not None and self.low == self.high else None

    def cut(self, at: Fraction) -> tuple[Stretch, Stretch, Stretch]:
        """Below, at, and above a number inside."""
        return (
            Stretch(self.low, at, self.closed_low, False),
            Stretch(at, at, True, True),
            Stretch(at, self.high, False, self.closed_high),
        )

    def sample(self) -> Fraction:
        """A number inside."""
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        if self.low is not None:
            return self.low + 1
        return Fraction(0) if self.high is None else self.high - 1

    def distance(self, x: Fraction) -> Fraction:
        """How far a number is from it."""
        below = Fraction(0) if self.low is None else max(self.low - x, Fraction(0))
        above = Fraction(0) if self.high is None else max(x - self.high, Fraction(0))
        return max(below, above)

    def simplest(self, near: Fraction) -> Fraction:
        """The number inside with the least denominator; of several the one closest to ``near``."""
        denominator = 1
        while True:
            candidates = self._nearest(near, denominator)
            if candidates:
                return min(candidates, key=lambda x: (abs(x - near), abs(x)))
            denominator += 1

    def _nearest(self, near: Fraction, denominator: int) -> list[Fraction]:
        at = min(max(near, self.low if self.low is not None else near),
                 self.high if self.high is not None else near)  # fmt: skip
        middle = math.floor(at * denominator)
        tried = (Fraction(middle + k, denominator) for k in (-1, 0, 1, 2))
        return [x for x in tried if x in self]


EVERYWHERE = Stretch(None, None)


def joined(stretches: list[Stretch]) -> list[Stretch]:
    """The same numbers in as few stretches as possible, from left to right."""
    ordered = sorted(
        stretches, key=lambda s: (s.low is not None, s.low or Fraction(0), not s.closed_low)
    )
    found: list[Stretch] = []
    for stretch in ordered:
        last = found[-1] if found else None
        if (
            last is not None
            and last.high is not None
            and last.high == stretch.low
            and (last.closed_high or stretch.closed_low)
        ):
            found[-1] = Stretch(last.low, stretch.high, last.closed_low, stretch.closed_high)
        else:
            found.append(stretch)
    return found
