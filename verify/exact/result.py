"""What an exact check answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Symbol

Status = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True)
class Failure:
    """Where both sides differ, in the smallest case that shows it.

    Attributes:
        left, right: first entries that differ, as floats where floating point sees it, else as
            residues.
    """

    sizes: dict[Symbol, int]
    ends: dict[Symbol, int]
    indices: dict[Symbol, int]
    left: float
    right: float


@dataclass(frozen=True)
class ExactResult:
    """The verdict on one identity.

    Attributes:
        cases: how many independent evaluations agreed (sizes × trials).
        bound: probability at most that a wrong identity passed, in any one of the cases.
        degree: largest degree of a difference of both sides, from which the bound follows.
        reason: why nothing was decided; empty otherwise.
        agreed: where the field could not decide, evaluations in many digits that show no
            difference between smooth functions.
        zero: both sides were 0 in every evaluation.
    """

    status: Status
    cases: int
    bound: float
    degree: int
    failure: Failure | None
    reason: str
    seconds: float
    agreed: int = 0
    zero: bool = False
