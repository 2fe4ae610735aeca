"""How many positions get the encoding of another one when the encoding is rounded."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from derivations.errors import InputError

Rounded = Callable[[np.ndarray], np.ndarray]


def bfloat16_bits(values: np.ndarray) -> np.ndarray:
    """The bits of float32 values rounded to bfloat16, nearest even; finite values only."""
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    ties_to_even = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return ((bits + ties_to_even) >> np.uint32(16)).astype(np.uint16)


def _narrow(dtype: type[np.floating]) -> Rounded:
    def rounded(values: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return values.astype(dtype)

    return rounded


DTYPES: dict[str, Rounded] = {
    "float64": _narrow(np.float64),
    "float32": _narrow(np.float32),
    "float16": _narrow(np.float16),
    "bfloat16": bfloat16_bits,
}
"""Rounding to each format; equal results are equal numbers."""


def encodings(d: int, n: int, first: int = 1) -> np.ndarray:
    """P_0 … P_{n−1} in float64, n×d, for pairs numbered from ``first``."""
    frequencies = 10000.0 ** (-2 * np.arange(first, first + d // 2) / d)
    angles = np.arange(n)[:, None] * frequencies
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n, d)


def repeats(values: np.ndarray, dtype: str) -> int:
    """Rows that equal an earlier row once every entry is rounded.

    Raises:
        InputError: an unknown dtype.
    """
    if dtype not in DTYPES:
        raise InputError(f"there is no dtype {dtype}", remedy=f"dtypes: {', '.join(DTYPES)}")
    return len(values) - len(np.unique(DTYPES[dtype](values), axis=0))


@cache
def collisions(dtype: str, d: int, n: int, first: int = 1) -> int:
    """Positions among the first ``n`` whose rounded encoding an earlier position has.

    Args:
        dtype: a name in :data:`DTYPES`.
        d: size of the encoding, even.
        n: number of positions.
        first: number of the first pair, 0 or 1.

    Raises:
        InputError: d is odd or not positive, n is not positive, or an unknown dtype.
    """
    if d < 2 or d % 2 or n < 1:
        raise InputError(
            f"no encodings of size {d} for {n} positions",
            remedy="give an even size and at least one position",
        )
    return repeats(encodings(d, n, first), dtype)
