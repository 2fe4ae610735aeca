"""Arbitrary functions made concrete: random, smooth, with every derivative known.

The constants are doubles drawn from (seed, name, size), so all number systems and all oracles see
the same function; a seed shared by no other name keeps two functions unrelated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from verify.arithmetic.base import Array, Steps

WAVES = 3
"""Terms in an elementwise function; enough that no identity of a single sine holds for it."""


def generator(seed: int, *key: object) -> np.random.Generator:
    """A generator fixed by ``seed`` and ``key``, whatever was drawn before."""
    digest = hashlib.blake2b(repr((seed, *key)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))


class Waving(Protocol):
    """What an arbitrary function needs of a number system."""

    def asarray(self, value: Any) -> Array:
        """Doubles as an array of the system."""

    def wave(self, a: Array, order: int) -> Array:
        """The ``order``-th derivative of sin at ``a``."""

    def matmul(self, a: Array, b: Array) -> Array:
        """Matrix product."""


@dataclass(frozen=True)
class Elementwise:
    """φ(x₁, …, x_r) = Σ_k a_k sin(Σ_j b_kj x_j + c_k) + Σ_j d_j x_j, per entry."""

    amplitudes: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray
    linear: np.ndarray

    def __call__(self, arithmetic: Waving, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        """The derivative of the given order in each argument; all zeros for the value."""
        number = arithmetic.asarray
        total = sum(orders)
        result: Any = 0
        for a, b, c in zip(self.amplitudes, self.frequencies, self.phases, strict=True):
            phase = number(c)
            for factor, x in zip(b, args, strict=True):
                phase = phase + number(factor) * x
            gain = number(a)
            for factor, order in zip(b, orders, strict=True):
                for _ in range(order):
                    gain = gain * number(factor)
            result = result + gain * arithmetic.wave(phase, total)
        if total == 0:
            for d, x in zip(self.linear, args, strict=True):
                result = result + number(d) * x
        elif total == 1:
            result = result + number(self.linear[orders.index(1)])
        return result


@dataclass(frozen=True)
class WaveMap:
    """f(v)_i = Σ_k A_ik sin(B_k · v + c_k) + D_i · v, for v = all arguments, columns stacked."""

    mixing: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray
    linear: np.ndarray

    def value(self, arithmetic: Waving, stacked: Array) -> Array:
        """vec f, (…, rows·cols, 1)."""
        waves = arithmetic.wave(self._phase(arithmetic, stacked), 0)
        return arithmetic.matmul(arithmetic.asarray(self.mixing), waves) + arithmetic.matmul(
            arithmetic.asarray(self.linear), stacked
        )

    def partial(self, arithmetic: Waving, stacked: Array, columns: slice) -> Array:
        """∂ vec f / ∂v in these columns."""
        waves = arithmetic.wave(self._phase(arithmetic, stacked), 1)
        slopes = waves * arithmetic.asarray(self.frequencies[:, columns])
        return arithmetic.matmul(arithmetic.asarray(self.mixing), slopes) + arithmetic.asarray(
            self.linear[:, columns]
        )

    def turn(
        self, arithmetic: Waving, stacked: Array, columns: slice, moved: slice, tangent: Array
    ) -> Array:
        """The change of :meth:`partial` when the entries ``moved`` of v change by ``tangent``."""
        waves = arithmetic.wave(self._phase(arithmetic, stacked), 2)
        along = arithmetic.matmul(arithmetic.asarray(self.frequencies[:, moved]), tangent)
        slopes = waves * along * arithmetic.asarray(self.frequencies[:, columns])
        return arithmetic.matmul(arithmetic.asarray(self.mixing), slopes)

    def _phase(self, arithmetic: Waving, stacked: Array) -> Array:
        product = arithmetic.matmul(arithmetic.asarray(self.frequencies), stacked)
        return product + arithmetic.asarray(self.phases)


@lru_cache(maxsize=1024)
def elementwise(seed: int, name: str, arity: int) -> Elementwise:
    """The arbitrary elementwise function ``name`` of ``arity`` arguments."""
    draw = generator(seed, "elementwise", name, arity)
    return Elementwise(
        draw.uniform(0.3, 0.7, WAVES) * draw.choice((-1, 1), WAVES),
        draw.uniform(0.5, 1.5, (WAVES, arity)) * draw.choice((-1, 1), (WAVES, arity)),
        draw.uniform(-3.0, 3.0, WAVES),
        draw.uniform(0.2, 0.5, arity),
    )


@lru_cache(maxsize=4096)
def wave_map(seed: int, name: str, steps: Steps, outputs: int, entries: int) -> WaveMap:
    """The arbitrary map ``name`` at its time ``steps``, of ``entries`` numbers to ``outputs``."""
    draw = generator(seed, "map", name, steps, outputs, entries)
    waves = outputs + 2
    return WaveMap(
        draw.standard_normal((outputs, waves)) / np.sqrt(waves),
        draw.standard_normal((waves, entries)) / np.sqrt(max(entries, 1)),
        draw.uniform(-3.0, 3.0, (waves, 1)),
        draw.standard_normal((outputs, entries)) / (2 * np.sqrt(max(entries, 1))),
    )
