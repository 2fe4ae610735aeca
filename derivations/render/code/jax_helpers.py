"""JAX functions that exports call; an export holds the source of those that it needs.

Exports that write over arrays hold a table ``LIMITS`` of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from derivations.render.code.checks import fits

Array = Any
LIMITS: dict[str, int] = {}


def total(x: Array, rank: int) -> Array:
    """The sum over all axes but the last ``rank``."""
    return x.reshape(-1, *x.shape[x.ndim - rank :]).sum(0)


def outer_total(a: Array, b: Array) -> Array:
    """Σ a bᵀ over all axes but the last: one matrix product.

    One factor is copied to turn its axes around: the narrower one, and then the result, where
    that is fewer numbers.
    """
    lead = jnp.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    left = jnp.broadcast_to(a, (*lead, a.shape[-1])).reshape(-1, a.shape[-1])
    right = jnp.broadcast_to(b, (*lead, b.shape[-1])).reshape(-1, b.shape[-1])
    steps, rows, cols = *left.shape, right.shape[1]
    if steps * cols + rows * cols < steps * rows:
        # Without a barrier the compiler joins both turns into one of the wider factor.
        apart: Callable[[Array], Array] = lax.optimization_barrier
        return apart(right.T @ left).T
    return left.T @ right


def only_asked(values: Mapping[str, Any], asked: tuple[str, ...]) -> dict[str, Array]:
    """The arrays that a VJP is called with.

    Raises:
        ValueError: something is differentiated whose gradient is not derived here.
    """
    for name, x in values.items():
        if x.perturbed and name not in asked:
            raise ValueError(f"the gradient in {name} was not asked for; export with --wrt {name}")
    return {name: x.value for name, x in values.items()}


def dense(x: Any) -> Array:
    """A cotangent as an array, where JAX only says that it is zero."""
    zero = isinstance(x, jax.custom_derivatives.SymbolicZero)
    return jnp.zeros(x.shape, x.dtype) if zero else x


def scan_over(
    step: Callable[..., Any],
    starts: Any,
    given: Any,
    room: Array,
    rows: tuple[tuple[int, int], ...],
    length: int,
    reverse: bool = False,
    apart: bool = False,
) -> Any:
    """``lax.scan`` whose steps read parts of one array, and write over what they have read.

    Where the array is large, memory takes more time than work. Where an entry has fewer bytes or
    columns than ``LIMITS`` say, what is written is an array of its own: compilers make one loop of
    a step of little work, and copy the whole array in it.

    Args:
        step: carried values, entries of ``given``, parts of an entry of ``room`` → carried values,
            results, and what is written over that entry, beside one another.
        rows: from which to which each part goes.
        length: how many steps.
        apart: nothing but what is written over them reads the parts.
    """
    if room.nbytes < LIMITS["bytes"] * length or room.shape[-1] < LIMITS["columns"]:

        def beside(carry: Any, now: Any) -> Any:
            after, found, own = step(carry, *now)
            return after, (found, own)

        parts = tuple(room[..., a:b] for a, b in rows)
        after, (found, own) = lax.scan(beside, starts, (given, parts), length, reverse)
        return after, found, jnp.concatenate(own, -1)

    def over(state: Any, now: Any) -> Any:
        (carry, array), (t, entries) = state, now
        between = (0,) * (array.ndim - 2)
        # Each part is a slice of its own: of what reads them the compiler makes one fast loop.
        read = tuple(
            lax.dynamic_slice(array, (t, *between, a), (1, *array.shape[1:-1], b - a))[0]
            for a, b in rows
        )
        after, found, own = step(carry, entries, read)
        # What reads the entry goes through one array, and so comes before that is written.
        others, kind = jax.tree.flatten(((), ()) if apart else (after, found))
        written = {id(x) for x in own}
        rest = {id(x): x for x in others if id(x) not in written}
        parts = [*own, *rest.values()]
        barrier: Callable[[Array], Array] = lax.optimization_barrier
        whole = barrier(jnp.concatenate(parts, -1))
        widths = [x.shape[-1] for x in parts]
        split = jnp.split(whole, [sum(widths[:k]) for k in range(1, len(widths))], -1)
        again = dict(zip(map(id, parts), split, strict=True))
        if not apart:
            after, found = jax.tree.unflatten(kind, [again[id(x)] for x in others])
        entry = whole[..., : array.shape[-1]]
        return (after, lax.dynamic_update_index_in_dim(array, entry, t, 0)), found

    times = jnp.arange(length)
    (after, room), found = lax.scan(over, (starts, room), (times, given), length, reverse)
    return after, found, room


def any_size(run: Callable[[], float]) -> float:
    """The larger result of a call as it is, and with loops that write over arrays of any size."""
    kept, found = dict(LIMITS), run()
    try:
        LIMITS.update(dict.fromkeys(kept, 0))
        return max(found, run())
    finally:
        LIMITS.update(kept)


def recurrence(by: Array, plus: Array, start: Array, reverse: bool) -> Array:
    """s_t = by_t s_{t-1} + plus_t from a start, for all steps; from the last one if ``reverse``."""
    if jax.default_backend() == "cpu":
        # A step costs no more than its arithmetic here; elsewhere each one is a launch.
        def step(before: Array, given: Any) -> tuple[Array, Array]:
            now = given[0] * before + given[1]
            return now, now

        return lax.scan(step, jnp.broadcast_to(start, plus.shape[1:]), (by, plus), reverse=reverse)[
            1
        ]

    def joined(one: Any, other: Any) -> Any:
        return one[0] * other[0], other[0] * one[1] + other[1]

    first = -1 if reverse else 0
    begun = plus.at[first].add(by[first] * start)
    return lax.associative_scan(joined, (by, begun), reverse=reverse)[1]


def from_later(x: Array, steps: int) -> Array:
    """What stands some steps later along the first axis; zero beyond its end."""
    return jnp.concatenate([x[steps:], jnp.zeros_like(x[:steps])], 0)


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
    arrays = [jnp.asarray(argument) for argument in arguments]
    leads = [a.shape[: a.ndim - rank] for a, rank in zip(arrays, ranks, strict=True)]
    lead = jnp.broadcast_shapes(*leads)
    wide = [
        jnp.broadcast_to(a, (*lead, *a.shape[len(own) :])).reshape(-1, *a.shape[len(own) :])
        if own
        else a
        for a, own in zip(arrays, leads, strict=True)
    ]
    many = jax.vmap(function, [0 if own else None for own in leads])
    found = jnp.asarray(many(*wide) if lead else function(*wide))
    own_shape = tuple(found.shape[1:] if lead else found.shape)
    if not fits(own_shape, shape):
        raise ValueError(f"{name} gives shape {own_shape}, expected {shape}")
    return found.reshape((*lead, *own_shape))


def entrywise(name: str, function: Callable[..., Array], *arguments: Array) -> Array:
    """An elementwise function of some arguments.

    Raises:
        ValueError: it gives another shape than theirs.
    """
    found = jnp.asarray(function(*arguments))
    shape = jnp.broadcast_shapes(*(jnp.shape(x) for x in arguments))
    if tuple(found.shape) not in ((), tuple(shape)):
        raise ValueError(f"{name} gives shape {tuple(found.shape)}, expected {tuple(shape)}")
    return jnp.broadcast_to(found, shape)


def slope(function: Callable[..., Array], argument: int, *arguments: Array) -> Array:
    """How an elementwise function changes with one of its arguments."""
    shapes = [jnp.shape(x) for x in arguments]
    wide = [jnp.broadcast_to(x, jnp.broadcast_shapes(*shapes)) for x in arguments]
    along = [jnp.ones_like(x) if k == argument else jnp.zeros_like(x) for k, x in enumerate(wide)]
    return jax.jvp(function, tuple(wide), tuple(along))[1]


def pullback(function: Callable[..., Array], argument: int) -> Callable[..., Array]:
    """A cotangent and the arguments of a function to the cotangent of one of them."""

    def pulled(above: Array, *arguments: Array) -> Array:
        def of(x: Array) -> Array:
            return function(*arguments[:argument], x, *arguments[argument + 1 :])

        value, pull = jax.vjp(of, arguments[argument])
        return pull(jnp.asarray(above, value.dtype))[0]

    return pulled


def sample_map(shape: tuple[int, ...]) -> Callable[..., Array]:
    """Some smooth map with results of a shape."""
    rows = math.prod(shape)

    def weights(argument: int, size: int) -> Array:
        return jnp.cos(1.0 + jnp.arange(rows)[:, None] + 2.0 * jnp.arange(size) + 3.0 * argument)

    def value(*arguments: Array) -> Array:
        flat = [jnp.reshape(a, -1) for a in arguments]
        return jnp.sin(sum(weights(k, a.size) @ a for k, a in enumerate(flat))).reshape(shape)

    return value


def sample_function(*arguments: Array) -> Array:
    """Some smooth elementwise function."""
    return jnp.sin(sum((k + 1.0) * x for k, x in enumerate(arguments)))
