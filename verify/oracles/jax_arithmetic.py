"""JAX arrays in float64. Derivatives of functions are JAX's own, never those of our table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from derivations.functions import lookup
from verify.arithmetic.base import Array, Number
from verify.arithmetic.jets import row_of
from verify.arithmetic.numpy import rounded
from verify.arithmetic.real import RealArithmetic

FLOAT64 = np.dtype(np.float64)


class JaxArithmetic(RealArithmetic):
    """float64 on JAX; constants stay NumPy arrays until an operation meets a traced value.

    Args:
        seed: fixes every arbitrary function.
    """

    xp = jnp
    name = "jax float64"

    def __init__(self, seed: int = 0) -> None:
        self.epsilon = float(np.finfo(FLOAT64).eps)
        self.seed = seed

    def asarray(self, value: Any) -> Array:
        return value if isinstance(value, jax.Array) else np.asarray(value, dtype=FLOAT64)

    def number(self, value: Number) -> Any:
        return rounded(value, FLOAT64)

    def wave(self, a: Array, order: int) -> Array:
        value = jnp.cos(a) if order % 2 else jnp.sin(a)
        return -value if order % 4 >= 2 else value

    def exp(self, a: Array) -> Array:
        return jnp.exp(a)

    def log(self, a: Array) -> Array:
        return jnp.log(a)

    def largest(self, a: Array) -> Array:
        return jax.lax.stop_gradient(jnp.max(a, axis=(-2, -1), keepdims=True))

    def spectral_norm(self, a: Array) -> Array:
        return jnp.linalg.norm(a, 2, axis=(-2, -1), keepdims=True)

    def smallest_singular(self, a: Array) -> Array:
        return jnp.linalg.norm(a, -2, axis=(-2, -1), keepdims=True)

    def softmax(self, a: Array) -> Array:
        return jax.nn.softmax(a, axis=(-2, -1))

    def log_softmax(self, a: Array) -> Array:
        return jax.nn.log_softmax(a, axis=(-2, -1))

    def logsumexp(self, a: Array) -> Array:
        return jax.nn.logsumexp(a, axis=(-2, -1), keepdims=True)

    def table(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        return _differentiated(row_of(function).name, orders)(*args)

    def in_table(self, function: str) -> bool:
        return lookup(function) is not None


@lru_cache(maxsize=1024)
def _differentiated(name: str, orders: tuple[int, ...]) -> Callable[..., Any]:
    """The row's JAX code, differentiated by JAX as often as ``orders`` says."""
    row = row_of(name)
    compiled = row.compiled("jax", jax=jax, jnp=jnp)
    defaults = tuple(float(default) for default in row.defaults)

    def value(*args: Any) -> Any:
        return compiled(*args, *defaults[max(0, len(args) - row.arity) :])

    function: Callable[..., Any] = value
    for slot, order in enumerate(orders):
        for _ in range(order):
            function = _slope(function, slot)
    return function


def _slope(function: Callable[..., Any], slot: int) -> Callable[..., Any]:
    def slope(*args: Any) -> Any:
        def of(x: Any) -> Any:
            return function(*args[:slot], x, *args[slot + 1 :])

        x = jnp.asarray(args[slot])
        return jax.jvp(of, (x,), (jnp.ones_like(x),))[1]

    return slope
