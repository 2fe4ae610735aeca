"""GF(p): every operation exact, many independent trials at once on axis −3."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from verify.arithmetic import modular
from verify.arithmetic.base import Array, Number, Steps
from verify.arithmetic.element import Element, invert
from verify.arithmetic.exact import ExactArithmetic
from verify.arithmetic.field_functions import OracleSpace
from verify.arithmetic.modular import MODULUS, PRIME, key_of, words
from verify.arithmetic.oracles import FieldKit


class FieldArithmetic(ExactArithmetic):
    """Residues modulo :data:`~verify.arithmetic.modular.PRIME`.

    Args:
        seed: fixes every oracle.
        trials: length of the trial axis; values without it are the same in every trial.
        exponential: how tanh is read, see ``field_functions``.
    """

    name = "exact"
    xp = np

    def __init__(self, seed: int, trials: int, exponential: bool = False) -> None:
        self.seed, self.trials = seed, trials
        self.kit: FieldKit = FieldKit(seed, trials)
        self.space = OracleSpace(self.kit, exponential)
        self._memory = {}

    def random(self, key: object, rows: int, cols: int) -> Array:
        """Independent uniform residues, (trials, rows, cols), fixed by seed and key."""
        count = self.trials * rows * cols
        drawn = words(key_of(self.seed, key), count) % PRIME
        return drawn.reshape(self.trials, rows, cols)

    def asarray(self, value: Any) -> Array:
        array = np.asarray(value)
        if array.dtype == np.uint64:
            return array
        return (array % PRIME).astype(np.uint64)

    def number(self, value: Number) -> Any:
        return self.constant(value).value

    def full(self, value: Number, rows: int, cols: int) -> Array:
        return np.full((rows, cols), self.number(value), dtype=np.uint64)

    def add(self, a: Array, b: Array) -> Array:
        return (a + b) % MODULUS

    def multiply(self, a: Array, b: Array) -> Array:
        return a * b % MODULUS

    def divide(self, a: Array, b: Array) -> Array:
        over = self._once("inverse", (b,), lambda: invert(b, self.kit.spoiled))
        return a * over % MODULUS

    def matmul(self, a: Array, b: Array) -> Array:
        return modular.matmul(a, b)

    def stack(self, values: Sequence[Array]) -> Array:
        if len({value.shape for value in values}) > 1:
            values = np.broadcast_arrays(*values)
        stacked = np.array(values, dtype=np.uint64)
        # The same in every trial: an axis of one trial, beside which all trials fit.
        return stacked[:, None] if stacked.ndim == 3 else stacked

    def total(self, a: Array) -> Array:
        return a.sum(axis=(-2, -1), keepdims=True) % MODULUS

    def _content(self, a: Array) -> Hashable:
        return a.shape, blake2b(a.tobytes(), digest_size=16).digest()

    def logsumexp(self, a: Array) -> Array:
        # log exp x = x: one entry is what it was, so that its log-softmax is zero.
        return a if a.shape[-2:] == (1, 1) else super().logsumexp(a)

    def lift(self, a: Array) -> Element:
        return self.kit.element(a)

    def lower(self, x: Any, like: Sequence[Array]) -> Array:
        value = x.value if isinstance(x, Element) else self.number(x)
        if len(like) == 1 and np.shape(value) == like[0].shape:
            return value
        shape = np.broadcast_shapes(np.shape(value), *(a.shape for a in like))
        return np.broadcast_to(value, shape)

    def drawn(self, name: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        digest: Any = 0
        for argument, key in zip(args, words(key_of("arguments", name), len(args)), strict=True):
            digest = digest + modular.mix(argument + key)
        return self.kit.hashed(key_of("elementwise", name, orders), digest)

    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Array]) -> Array:
        values = self._drawn_map((name, steps, "value"), (rows * cols,), args)
        return self.unvec(values[..., None], rows, cols)

    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Array]
    ) -> Array:
        entries = args[slot].shape[-2] * args[slot].shape[-1]
        return self._drawn_map((name, steps, "partial", slot), (rows * cols, entries), args)

    def map_turn(
        self, name: str, steps: Steps, slots: tuple[int, int], rows: int, cols: int,
        args: Sequence[Array], tangent: Array,
    ) -> Array:  # fmt: skip
        second = self._map_second(name, steps, slots, rows * cols, args)
        along = self.vec(tangent)[..., None, :, 0]
        return (second * along[..., None, :] % PRIME).sum(axis=-1) % PRIME

    def _map_second(
        self, name: str, steps: Steps, slots: tuple[int, int], outputs: int, args: Sequence[Array]
    ) -> Array:
        """∂²f in two slots, (…, outputs, entries of the first, entries of the second)."""
        first, second = slots
        if first > second:
            flipped = self._map_second(name, steps, (second, first), outputs, args)
            return np.swapaxes(flipped, -1, -2)
        a, b = (args[slot].shape[-2] * args[slot].shape[-1] for slot in slots)
        drawn = self._drawn_map((name, steps, "second", slots), (outputs, a, b), args)
        if first == second:
            upper = np.triu(drawn)
            drawn = upper + np.swapaxes(np.triu(drawn, 1), -1, -2)
        return drawn

    def _drawn_map(self, key: object, shape: tuple[int, ...], args: Sequence[Array]) -> Array:
        """(…, trials, *shape) residues drawn for all entries of all arguments together."""
        columns = [self.vec(argument) for argument in args]
        stacked = self.blocks([[column] for column in columns])[..., 0]
        sites = words(key_of("arguments", key), stacked.shape[-1])
        digest = modular.mix(stacked + sites).sum(axis=-1)[..., None, None]
        flat = words(key_of("entries", key), int(np.prod(shape)))
        drawn = self.kit.hashed(key_of("map", key), modular.mix(digest + flat), arguments=1)
        return drawn.reshape(*drawn.shape[:-2], *shape)
