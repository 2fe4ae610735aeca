"""For which values of one given number a threshold design works, exactly.

The number stays unknown: every sum that a threshold sees is a linear form in it. Where its sign is
not the same all over the stretch in hand, the stretch is cut there, and each piece is decided on
its own; on a piece the design is one finite machine.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.errors import GradproofError, MissingRule
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.linear import Linear, LinearArithmetic
from verify.designs.design import Design, Entry
from verify.designs.machine import Machine
from verify.designs.search import Search
from verify.designs.specification import TooMuch
from verify.designs.stretches import EVERYWHERE, Stretch, joined

MOST_PIECES = 200
MOST_NODES = 4_000
MOST_LENGTH = 200


class _Cut(GradproofError):
    """A sign changes inside the stretch."""

    def __init__(self, at: Fraction) -> None:
        self.at = at
        super().__init__(f"a sign changes at {at}")


def works_for(design: Design, entry: Entry) -> list[Stretch] | None:
    """All values of an entry for which the design works at every length.

    Returns:
        The stretches from left to right; ``None`` where that cannot be had: a threshold sees no
        linear form, or a piece of the line is not decided by a finite machine.
    """
    waiting, good = [EVERYWHERE], []
    pieces = 0
    while waiting:
        stretch = waiting.pop()
        pieces += 1
        if pieces > MOST_PIECES:
            return None
        try:
            works = _works_on(design, entry, stretch)
        except _Cut as cut:
            waiting += stretch.cut(cut.at)
            continue
        except (NoCounterpart, MissingRule, TooMuch):
            return None
        if works is None:
            return None
        if works:
            good.append(stretch)
    return joined(good)


def _works_on(design: Design, entry: Entry, stretch: Stretch) -> bool | None:
    """Whether the design works all over a stretch; ``None``: not a finite machine."""

    def sign(form: Linear) -> int:
        constant, slope = form.coefficients
        root = -constant / slope
        if root in stretch:
            raise _Cut(root)
        value = constant + slope * stretch.sample()
        return 1 if value > 0 else -1

    arithmetic = LinearArithmetic(1, sign, dict(design.jumps))
    point = stretch.point
    unknown = arithmetic.unknown(1) if point is None else arithmetic.convert(point)
    search = Search(Machine(design, arithmetic, {entry: unknown}), limit=MOST_NODES)
    search.run(MOST_LENGTH)
    if search.wrong is not None:
        return False
    return True if search.closed else None
