"""Checkpointing: a sequence by segments of which only the start is stored.

Exports hold the source of these functions, with the module's own tables beside them. NumPy stands
for whichever library has its functions; JAX has ``sweep_forward`` and ``sweep_back`` of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derivations.render.code.checks import STARTS, extent, nothing

Array = Any
Arrays = Mapping[str, Any]
SEGMENT = 0
AXIS: tuple[str, str, str, str] = ("T", "T_whole", "t_before", "is_last")
TIMED: tuple[str, ...] = ()
CARRIED: dict[str, tuple[str, int]] = {}
LATER: dict[str, tuple[str, int, tuple[str, ...]]] = {}


def cut(steps: int) -> tuple[int, int]:
    """Steps of the first segment, which takes what is left over, and of each other one."""
    reach = max(1, *(back + 1 for _, back in CARRIED.values()), *(k for _, k, _ in LATER.values()))
    length = max(SEGMENT or math.isqrt(max(steps - 1, 0)) + 1, reach)
    first = steps % length or length
    # What crosses an end lies within one segment.
    return min(steps, first if first >= reach else first + length), length


def segment(
    values: Arrays, sizes: Mapping[str, Any], low: int, length: int
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The values of the steps after ``low``, and what is known of them."""
    axis, whole, before, last = AXIS
    own = {n: x[low : low + length] if n in TIMED else x for n, x in values.items()}
    final = low + length == sizes[axis]
    return own, {**sizes, axis: length, whole: sizes[axis], before: low, last: final}


def places(steps: int) -> list[tuple[int, int]]:
    """(steps before it, steps of it) for every segment."""
    first, length = cut(steps)
    return [(0, first), *((low, length) for low in range(first, steps, length))]


def handed_on(own: Arrays, length: int) -> dict[str, Array]:
    """What the next segment starts from."""
    return {n: own[origin][length - 1 - back] for n, (origin, back) in CARRIED.items()}


def sent_back(found: Arrays) -> dict[str, Array]:
    """What the segment before is sent."""
    return {n: found[origin][k - 1] for n, (origin, k, _) in LATER.items() if origin in found}


def nothing_later(
    values: Arrays, sizes: Mapping[str, int], batch: tuple[int, ...]
) -> dict[str, Array]:
    """What the last segment is sent: nothing."""
    zero = nothing(next(iter(values.values())))
    return {
        name: np.broadcast_to(zero, (*batch, *(extent(e, sizes) for e in form)))
        for name, (_, _, form) in LATER.items()
    }


def sweep_forward(
    values: Arrays, sizes: Mapping[str, int], run: Callable[..., Any]
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """The sum of the losses, the outputs of all steps, and the starts of the segments.

    Args:
        run: values and sizes of a segment to all of its values, its loss, its outputs.
    """
    starts: list[Arrays] = []
    losses: list[Array] = []
    outputs: list[Arrays] = []
    for low, length in places(sizes[AXIS[0]]):
        starts.append({name: values[name] for name in STARTS})
        own, value, kept = run(*segment(values, sizes, low, length))
        losses.append(value)
        outputs.append(kept)
        if low + length < sizes[AXIS[0]]:
            values = {**values, **handed_on(own, length)}
    joined = {n: np.concatenate([part[n] for part in outputs], 0) for n in outputs[0]}
    stored = {f"{n} of segments": np.stack([part[n] for part in starts], 0) for n in STARTS}
    return sum(losses), joined, stored


def sweep_back(
    values: Arrays, sizes: Mapping[str, int], batch: tuple[int, ...], run: Callable[..., Any]
) -> dict[str, Array]:
    """The gradients of the whole sequence, from the starts of its segments.

    Args:
        run: values and sizes of a segment to its gradients and to what it sends back.
    """
    later = nothing_later(values, sizes, batch)
    found: dict[str, Array] = {}
    steps: dict[str, list[Array]] = {}
    for number, (low, length) in reversed([*enumerate(places(sizes[AXIS[0]]))]):
        starts = {name: values[f"{name} of segments"][number] for name in STARTS}
        part = run(*segment({**values, **starts, **later}, sizes, low, length))
        if low:
            later = sent_back(part)
        for name in [name for name in part if name in values]:
            if name in TIMED:
                steps.setdefault(name, []).insert(0, part[name])
            elif name in found and name not in STARTS:
                found[name] = found[name] + part[name]
            else:
                found[name] = part[name]
    return {**found, **{name: np.concatenate(parts, 0) for name, parts in steps.items()}}
