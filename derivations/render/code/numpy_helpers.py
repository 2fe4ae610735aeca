"""NumPy functions that exports call; an export holds the source of those that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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


def each(function: Callable[..., Array], ranks: tuple[int, ...], *arguments: Array) -> Array:
    """A function of one example at one step, for all of them; ``ranks`` are of its arguments."""
    arrays = [np.asarray(argument) for argument in arguments]
    leads = [a.shape[: a.ndim - rank] for a, rank in zip(arrays, ranks, strict=True)]
    lead = np.broadcast_shapes(*leads)
    wide = [
        np.broadcast_to(a, (*lead, *a.shape[len(own) :]))
        for a, own in zip(arrays, leads, strict=True)
    ]
    found = [np.asarray(function(*(a[place] for a in wide))) for place in np.ndindex(lead)]
    return np.stack(found).reshape((*lead, *found[0].shape))
