"""NumPy functions that exports call; an export holds the source of those that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derivations.render.code.checks import fits

Array = Any


def total(x: Array, rank: int) -> Array:
    """The sum over all axes but the last ``rank``."""
    return x.reshape(-1, *x.shape[x.ndim - rank :]).sum(0)


def outer_total(a: Array, b: Array) -> Array:
    """Σ a bᵀ over all axes but the last: one matrix product."""
    lead = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    left = np.broadcast_to(a, (*lead, a.shape[-1])).reshape(-1, a.shape[-1])
    right = np.broadcast_to(b, (*lead, b.shape[-1])).reshape(-1, b.shape[-1])
    return left.T @ right


def softmax(x: Array) -> Array:
    """softmax over the last axis, without overflow."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def logsumexp(x: Array) -> Array:
    """log Σ exp over the last axis, without overflow."""
    top = x.max(-1, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(-1, keepdims=True)))[..., 0]


def log_softmax(x: Array) -> Array:
    """log softmax over the last axis, without overflow."""
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def recurrence(by: Array, plus: Array, start: Array, reverse: bool) -> Array:
    """s_t = by_t s_{t-1} + plus_t from a start, for all steps; from the last one if ``reverse``."""
    if reverse:
        return recurrence(by[::-1], plus[::-1], start, False)[::-1]
    found = plus.copy()
    found[:1] += by[:1] * start
    if found[:1].size > 128:
        # So many numbers take longer than the interpreter's work for a step.
        for step in range(1, len(found)):
            found[step] += by[step] * found[step - 1]
        return found
    # Each round joins every step with the one that is as far back as all before reached.
    factor, reach = by, 1
    while reach < len(found):
        later = found[reach:] + factor[reach:] * found[:-reach]
        found = np.concatenate([found[:reach], later], 0)
        factor = np.concatenate([factor[:reach], factor[reach:] * factor[:-reach]], 0)
        reach *= 2
    return found


def from_later(x: Array, steps: int) -> Array:
    """What stands some steps later along the first axis; zero beyond its end."""
    return np.concatenate([x[steps:], np.zeros_like(x[:steps])], 0)


def each(
    name: str,
    function: Callable[..., Array],
    shape: tuple[int | None, ...],
    ranks: tuple[int, ...],
    *arguments: Array,
) -> Array:
    """A function of one example at one step, for all of them; ``ranks`` are of its arguments.

    Raises:
        ValueError: it gives something of another shape than the equations say.
    """
    arrays = [np.asarray(argument) for argument in arguments]
    leads = [a.shape[: a.ndim - rank] for a, rank in zip(arrays, ranks, strict=True)]
    lead = np.broadcast_shapes(*leads)
    wide = [
        np.broadcast_to(a, (*lead, *a.shape[len(own) :]))
        for a, own in zip(arrays, leads, strict=True)
    ]
    found = [np.asarray(function(*(a[place] for a in wide))) for place in np.ndindex(lead)]
    for one in found:
        if not fits(one.shape, shape):
            raise ValueError(f"{name} gives shape {one.shape}, expected {shape}")
    return np.stack(found).reshape((*lead, *found[0].shape))


def entrywise(name: str, function: Callable[..., Array], *arguments: Array) -> Array:
    """An elementwise function of some arguments.

    Raises:
        ValueError: it gives another shape than theirs.
    """
    found, shape = function(*arguments), np.broadcast_shapes(*map(np.shape, arguments))
    if np.shape(found) not in ((), shape):
        raise ValueError(f"{name} gives shape {np.shape(found)}, expected {shape}")
    return found if np.shape(found) == shape else np.full(shape, found)


def differences(function: Callable[[], Array], arrays: dict[str, Array]) -> dict[str, Array]:
    """Central differences of a function in every entry of some arrays, which it reads."""
    found = {name: np.zeros_like(x) for name, x in arrays.items()}
    for name, x in arrays.items():
        for place in np.ndindex(x.shape):
            before = x[place]
            x[place] = before + 1e-5
            above = function()
            x[place] = before - 1e-5
            found[name][place] = (above - function()) / 2e-5
            x[place] = before
    return found


def sample_map(shape: tuple[int, ...]) -> tuple[Callable[..., Array], Callable[..., Any]]:
    """Some smooth map with results of a shape, and its pullback."""
    rows = int(np.prod(shape, dtype=int))

    def weights(argument: int, size: int) -> Array:
        return np.cos(1.0 + np.arange(rows)[:, None] + 2.0 * np.arange(size) + 3.0 * argument)

    def inner(arguments: tuple[Array, ...]) -> Array:
        flat = [np.reshape(a, -1) for a in arguments]
        return sum(weights(k, a.size) @ a for k, a in enumerate(flat))

    def value(*arguments: Array) -> Array:
        return np.sin(inner(arguments)).reshape(shape)

    def pulled(above: Array, *arguments: Array) -> Any:
        down = np.reshape(above, -1) * np.cos(inner(arguments))
        sizes = [np.size(a) for a in arguments]
        parts = [down @ weights(k, size) for k, size in enumerate(sizes)]
        return tuple(p.reshape(np.shape(a)) for p, a in zip(parts, arguments, strict=True))

    return value, pulled


def sample_function(*arguments: Array) -> Array:
    """Some smooth elementwise function."""
    return np.sin(sum((k + 1.0) * x for k, x in enumerate(arguments)))


def sample_slope(*arguments: Array) -> Any:
    """Its slope, or its slopes in several arguments."""
    inner = np.cos(sum((k + 1.0) * x for k, x in enumerate(arguments)))
    return inner if len(arguments) == 1 else [(k + 1.0) * inner for k in range(len(arguments))]
