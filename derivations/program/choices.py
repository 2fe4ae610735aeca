"""What an export may be asked for beside the cell and the library."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from derivations.errors import InputError

SQUARE_ROOT = 0
"""As a length of segments: as many steps as there are segments."""


@dataclass(frozen=True)
class Choices:
    """How the programs of an export are made.

    Attributes:
        without: names of rewrites that are left out.
        wrt: parameters, inputs and start values whose gradients are asked for; none: those of all
            parameters, and of the rest where the library differentiates it.
        checkpoint: steps of a segment of which only the start is stored, or ``SQUARE_ROOT``; none:
            everything is stored.
        window: how many steps back a loss is followed; none: to the first one.
    """

    without: Collection[str] = ()
    wrt: Collection[str] = ()
    checkpoint: int | None = None
    window: int | None = None

    def __post_init__(self) -> None:
        if self.window is not None and self.window < 1:
            raise InputError(
                f"a window of {self.window} steps", remedy="a window has one step at least"
            )
        if self.window is not None and self.checkpoint is not None:
            raise InputError(
                "a window and a checkpoint at once",
                remedy="choose one: the window follows each loss for that many steps",
            )


def segment_length(given: int | str | None) -> int | None:
    """The length of segments that is asked for.

    Raises:
        InputError: neither ``sqrt`` nor a positive number.
    """
    if given is None:
        return None
    if given == "sqrt":
        return SQUARE_ROOT
    if str(given).isdecimal() and int(given) > 0:
        return int(given)
    raise InputError(
        f"{given} is no length of segments", remedy="give sqrt, or a positive number of steps"
    )


PLAIN = Choices()
"""Everything stored, every rewrite."""
