"""Rounding or mistake? The discrepancy is measured again with more digits, and beside the point.

A rounding error shrinks with the precision; a wrong formula does not. A formula that is right on
either side of a kink and wrong at it disagrees at the point only, not at its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from mpmath import mpf, nstr

from verify.arithmetic.base import Arithmetic
from verify.arithmetic.multiprecision import DIGITS, MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic

Candidate = TypeVar("Candidate")
NEIGHBOURS = 5
WIDEST, LEAST = mpf("1e4900"), mpf("1e-4900")
"""What a longdouble can just hold, and mpmath can go beyond."""
DECIMALS = 30
"""More than a longdouble has."""
NOTHING = 1e-90
"""A relative discrepancy that no mistake is as small as."""

Discrepancy = Callable[[Arithmetic], float]
"""Relative discrepancy of two ways to compute one value, in a number system."""


def relative_error(left: Any, right: Any) -> float:
    """‖left − right‖ / max(‖left‖, ‖right‖) in the Frobenius norm; 0 where both vanish.

    Works on numbers of any kind; infinite where an entry is not a number or infinite.
    """
    a, b = np.asarray(left), np.asarray(right)
    if object in (a.dtype, b.dtype):
        # Rounding the finer one to the coarser would hide what is asked for.
        many = MultiprecisionArithmetic(3 * DIGITS)
        a, b = many.asarray(a), many.asarray(b)
    a, b = np.broadcast_arrays(a, b)
    scale = max(_largest(a), _largest(b))
    if scale == 0:
        return 0.0
    if not scale < np.inf:
        return float("inf")
    # Dividing first keeps the squares of huge and tiny entries in range.
    difference, a, b = (x / scale for x in (a - b, a, b))
    size = max(_square_sum(a), _square_sum(b))
    error = float(_square_sum(difference) / size) ** 0.5
    return float("inf") if math.isnan(error) else error


def frobenius(value: Any) -> float:
    """‖value‖, in range even where the squares of its entries are not; infinite for NaN."""
    return float(size(value))


def size(value: Any) -> np.longdouble:
    """‖value‖ in the widest floating point; what float64 overflows at may still be a number."""
    a = np.abs(np.asarray(value))
    largest = _largest(a)
    if largest == 0 or not largest < np.inf:
        return _wide(largest)
    return _wide(largest) * _wide(_square_sum(a / largest)) ** np.longdouble(0.5)


def _wide(number: Any) -> np.longdouble:
    """A number, not negative, as a longdouble; mpmath's own conversion stops at float64.

    What is not zero stays so; what is too large is infinite.
    """
    if isinstance(number, int | float | np.number):
        return np.longdouble(number)
    if not number < WIDEST:
        return np.longdouble(np.inf)
    return np.longdouble(nstr(max(number, LEAST), DECIMALS) if number else 0)


def is_vacuous(left: Any, right: Any) -> bool:
    """Whether both sides are exactly zero, so that their agreement shows little."""
    return bool(_largest(np.asarray(left)) == 0) and bool(_largest(np.asarray(right)) == 0)


def _largest(a: np.ndarray) -> Any:
    if not a.size:
        return 0
    largest = np.max(np.abs(a))
    return np.inf if math.isnan(largest) else largest


def _square_sum(a: np.ndarray) -> Any:
    return np.sum(np.abs(a) ** 2)


@dataclass(frozen=True)
class Shrinkage:
    """How a discrepancy answers to precision.

    Attributes:
        systems: name of each number system, coarsest first.
        discrepancies: relative discrepancy in each.
        epsilons: rounding unit of each.
        vanishes: the finest discrepancy has lost at least half of the digits gained, or ninety.
    """

    systems: tuple[str, ...]
    discrepancies: tuple[float, ...]
    epsilons: tuple[float, ...]

    @property
    def vanishes(self) -> bool:
        """Whether this is rounding.

        A mistake keeps its size at every precision. Rounding error is epsilon times the condition
        number, which may use up many digits, but not half of sixty, nor all but ninety of more.
        """
        return bool(self.discrepancies[-1] <= max(self.epsilons[-1] ** 0.5, NOTHING))


def shrinkage(
    discrepancy: Discrepancy, seed: int = 0, systems: Sequence[Arithmetic] | None = None
) -> Shrinkage:
    """The discrepancy in float64, longdouble and 60 digits.

    Args:
        discrepancy: computes both sides in the number system it is given.
        seed: of the arbitrary functions, where the number systems are made here.
        systems: others to use, coarsest first.
    """
    chosen = systems or (
        NumpyArithmetic(np.float64, seed),
        NumpyArithmetic(np.longdouble, seed),
        MultiprecisionArithmetic(DIGITS, seed),
    )
    found = tuple(discrepancy(arithmetic) for arithmetic in chosen)
    return Shrinkage(
        tuple(arithmetic.name for arithmetic in chosen),
        found,
        tuple(arithmetic.epsilon for arithmetic in chosen),
    )


def at_kinks(
    candidates: Sequence[Candidate],
    agreeing: Callable[[int, Sequence[Candidate]], Sequence[Candidate]],
    neighbours: int = NEIGHBOURS,
) -> list[Candidate]:
    """Those whose disagreement belongs to this one point: at every neighbour they agree.

    Args:
        candidates: what disagrees at the point.
        agreeing: which of them agree at the neighbour of this number.
        neighbours: how many are tried; a disagreement at any of them makes it a mistake.
    """
    left = list(candidates)
    for number in range(1, neighbours + 1):
        if left:
            left = list(agreeing(number, left))
    return left
