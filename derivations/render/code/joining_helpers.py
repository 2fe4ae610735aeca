"""Affine recurrences by joining neighbours; exports hold the source of what they call.

They hold a table ``OVERHEADS`` of their own, and NumPy stands for whichever library has its
functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any
OVERHEADS: dict[str, tuple[int, int, int]] = {}


def joins(
    overheads: Mapping[str, tuple[int, int, int]],
    device: str,
    steps: int,
    values: int,
    batch: tuple[int, ...],
    loop: int,
    join: int,
    products: int,
) -> bool:
    """Whether a recurrence takes less time joined than step by step.

    ``values`` is how many a step computes, ``loop`` and ``join`` are the multiply-adds of either
    way for one example, ``products`` is the number of small products. ``overheads`` say how many
    multiply-adds take as long as it takes to begin a value of a step, a round of joining, and a
    small product.
    """
    begin, turn, small = overheads[device if device in overheads else "other"]
    examples = math.prod(batch)
    joined = steps.bit_length() * turn + examples * (join + products * small)
    return joined < steps * values * begin + examples * loop


def joined(by: Array, plus: Array, start: Array, reverse: bool) -> Array:
    """s_t = A_t s_{t-1} + b_t from a start, for all steps; from the last one if ``reverse``.

    ``by`` is A, (T, ..., n, n), or (n, n) where it is the same at every step; ``plus`` is b,
    (T, ..., n).
    """
    if reverse:
        turned = by if by.ndim == 2 else np.flip(by, (0,))
        return np.flip(joined(turned, np.flip(plus, (0,)), start, False), (0,))
    first = by if by.ndim == 2 else by[0]
    return states(by, np.concatenate([(plus[0] + applied(first, start))[None], plus[1:]], 0))


def applied(by: Array, x: Array) -> Array:
    """A matrix times a column, at every step."""
    return x @ by.T if by.ndim == 2 else (by @ x[..., None])[..., 0]


def states(by: Array, plus: Array) -> Array:
    """The same from a first state, ``plus[0]``: pairs of steps are joined, then pairs of these."""
    steps = len(plus)
    if steps == 1:
        return plus
    pairs, same = steps // 2, by.ndim == 2
    one, other = (by, by) if same else (by[: 2 * pairs : 2], by[1::2])
    odd = states(other @ one, applied(other, plus[: 2 * pairs : 2]) + plus[1::2])
    rest = (steps - 1) // 2
    later = applied(by if same else by[2::2], odd[:rest]) + plus[2::2]
    even = np.concatenate([plus[:1], later], 0)
    found = np.stack([even[:pairs], odd], 1).reshape((2 * pairs, *plus.shape[1:]))
    return found if steps % 2 == 0 else np.concatenate([found, even[pairs:]], 0)


def both_ways(run: Callable[[], float]) -> list[float]:
    """What something gives with every recurrence step by step, and with every one joined."""
    kept, found = dict(OVERHEADS), []
    try:
        for begin, turn in ((0, 10**18), (10**18, 0)):
            OVERHEADS.update(dict.fromkeys(kept, (begin, turn, 0)))
            found.append(run())
    finally:
        OVERHEADS.update(kept)
    return found
