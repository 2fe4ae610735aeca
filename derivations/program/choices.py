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
        checkpoint: steps of a segment of which only the start is stored, or ``SQUARE_ROOT``; none:
            everything is stored.
    """

    without: Collection[str] = ()
    checkpoint: int | None = None


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
