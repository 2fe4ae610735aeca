"""Checkpointing in JAX: scans over segments; the first segment, which may be longer, by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from derivations.render.code.checks import STARTS
from derivations.render.code.segments import (
    AXIS,
    LATER,
    TIMED,
    cut,
    handed_on,
    nothing_later,
    sent_back,
)

Array = Any
Arrays = Mapping[str, Any]


def segment(
    values: Arrays, sizes: Mapping[str, Any], low: Any, length: int
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The values of the steps after ``low``, and what is known of them."""
    axis, whole, before, last = AXIS
    own = {
        n: lax.dynamic_slice_in_dim(x, low, length) if n in TIMED else x for n, x in values.items()
    }
    final = low + length == sizes[axis]
    return own, {**sizes, axis: length, whole: sizes[axis], before: low, last: final}


def sweep_forward(
    values: Arrays, sizes: Mapping[str, int], run: Callable[..., Any]
) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """The sum of the losses, the outputs of all steps, and the starts of the segments.

    Args:
        run: values and sizes of a segment to all of its values, its loss, its outputs.
    """
    steps = sizes[AXIS[0]]
    first, length = cut(steps)
    starts = {name: values[name] for name in STARTS}
    own, value, outputs = run(*segment(values, sizes, 0, first))
    stored = {name: start[None] for name, start in starts.items()}
    if first < steps:

        def onward(carry: Any, low: Array) -> tuple[Any, Any]:
            starts, total = carry
            own, more, outputs = run(*segment({**values, **starts}, sizes, low, length))
            return (handed_on(own, length), total + more), (starts, outputs)

        begin = (handed_on(own, first), value)
        (_, value), (others, rest) = lax.scan(onward, begin, jnp.arange(first, steps, length))
        stored = {n: jnp.concatenate([x, others[n]], 0) for n, x in stored.items()}
        flat = {n: x.reshape(-1, *x.shape[2:]) for n, x in rest.items()}
        outputs = {n: jnp.concatenate([x, flat[n]], 0) for n, x in outputs.items()}
    return value, outputs, {f"{name} of segments": x for name, x in stored.items()}


def sweep_back(
    values: Arrays, sizes: Mapping[str, int], batch: tuple[int, ...], run: Callable[..., Any]
) -> dict[str, Array]:
    """The gradients of the whole sequence, from the starts of its segments.

    Args:
        run: values and sizes of a segment to its gradients and to what it sends back.
    """
    steps = sizes[AXIS[0]]
    first, length = cut(steps)
    stored = {name: values[f"{name} of segments"] for name in STARTS}
    later = nothing_later(values, sizes, batch)
    own = {**values, **{name: x[0] for name, x in stored.items()}}
    if first == steps:
        found = run(*segment({**own, **later}, sizes, 0, first))
        return {name: x for name, x in found.items() if name in values}

    def backward(carry: Any, given: Any) -> tuple[Any, Any]:
        (later, total), (low, starts) = carry, given
        part = run(*segment({**values, **starts, **later}, sizes, low, length))
        total = {name: x + part[name] for name, x in total.items()}
        return (sent_back(part), total), {n: x for n, x in part.items() if n in TIMED}

    # The first segment stands for the shapes of the sums.
    given = (jnp.arange(first, steps, length), {name: x[1:] for name, x in stored.items()})
    shapes = jax.eval_shape(lambda: run(*segment({**own, **later}, sizes, 0, first)))
    zeros = {
        n: jnp.zeros(s.shape, s.dtype)
        for n, s in shapes.items()
        if n in values and n not in TIMED and n not in STARTS
    }
    later = {name: x for name, x in later.items() if LATER[name][0] in shapes}
    (later, total), timed = lax.scan(backward, (later, zeros), given, reverse=True)
    found = run(*segment({**own, **later}, sizes, 0, first))
    flat = {n: x.reshape(-1, *x.shape[2:]) for n, x in timed.items()}
    found = {name: x for name, x in found.items() if name in values}
    for name, x in found.items():
        if name in total:
            found[name] = x + total[name]
        elif name in flat:
            found[name] = jnp.concatenate([x, flat[name]], 0)
    return found
