"""Random oracles over residues: a keyed hash draws values; signs and roots are the field's own.

Trials lie on axis −3 of every array, and the key differs per trial, so trials are independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from verify.arithmetic import modular
from verify.arithmetic.element import Element, mark
from verify.arithmetic.modular import PRIME, Residues, key_of, mix


class FieldKit:
    """The kit (see ``field_functions``) of residues.

    Attributes:
        spoiled: per trial, whether something was divided by zero.
        untied: per trial, whether a root was drawn because there is none.
        branches: how many branches one trial has decided.
    """

    def __init__(self, seed: int, trials: int) -> None:
        self._salt = modular.words(key_of(seed, "trials"), trials).reshape(trials, 1, 1)
        self.spoiled = np.zeros(trials, dtype=bool)
        self.untied = np.zeros(trials, dtype=bool)
        self.branches = 0
        self._asked: set[tuple[int, bytes]] = set()
        self._arguments: dict[int, int] = {}
        self._decided: set[bytes] = set()
        self._pending: list[Callable[[], tuple[Element, Element]]] = []
        self._logs: dict[tuple[int, int], int] = {}
        self._powers: dict[tuple[int, int], int] = {}

    def element(self, value: Any) -> Element:
        """Residues with operators."""
        return Element(value, self.spoiled)

    def hashed(self, key: int, words: Residues, arguments: int = 0) -> Residues:
        """A residue per entry, drawn for (trial, key, 64-bit word).

        Args:
            arguments: how many arguments the words stand for, if not one each.
        """
        seen = (key, words.tobytes())
        if seen not in self._asked:
            self._asked.add(seen)
            count = arguments or math.prod(words.shape[-2:])
            self._arguments[key] = self._arguments.get(key, 0) + count
        return mix(mix(words + key) ^ self._salt) % PRIME

    @property
    def pairs(self) -> int:
        """Pairs of arguments of one oracle that might coincide in one trial."""
        return sum(count * (count - 1) // 2 for count in self._arguments.values())

    def constant(self, value: Fraction) -> Element:
        return self.element(np.uint64(modular.residue(value.numerator, value.denominator)))

    def symbol(self, name: str) -> Element:
        # A square, so that the constant is positive.
        return self.element(np.uint64(pow(key_of("symbol", name), 2, PRIME)))

    def odd(self, name: str, x: Element) -> Element:
        opposite = (PRIME - x.value) % PRIME
        small = np.minimum(x.value, opposite)
        drawn = self.hashed(key_of("odd", name), small)
        signed = np.where(x.value == small, drawn, PRIME - drawn) % PRIME
        return self.element(signed if small.all() else np.where(small == 0, 0, signed))

    def even(self, name: str, x: Element) -> Element:
        small = np.minimum(x.value, (PRIME - x.value) % PRIME)
        return self.element(self.hashed(key_of("even", name), small))

    def remember(self, pair: Callable[[], tuple[Element, Element]]) -> None:
        self._pending.append(pair)

    def fresh_log(self, x: Element) -> Element:
        mark(x.value == 0, self.spoiled)
        return self.element(np.where(x.value == 1, 0, self.hashed(key_of("log"), x.value)))

    def log(self, x: Element) -> Element:
        while self._pending:
            pair = map(self._entries, self._pending.pop()())
            for (trial, y), (_, value) in zip(*pair, strict=True):
                self._logs.setdefault((trial, y), value)
        drawn = self.fresh_log(x).value
        entries = self._entries(self.element(np.broadcast_to(x.value, drawn.shape)))
        flat = drawn.flatten()
        for position, (trial, y) in enumerate(entries):
            value = self._logs.get((trial, y))
            if value is None:
                self._powers[trial, int(flat[position])] = y
            else:
                flat[position] = value
        return self.element(flat.reshape(drawn.shape))

    def exp(self, x: Element, otherwise: Callable[[], Element]) -> Element:
        value = otherwise()
        if not self._powers:
            return value
        flat = value.value.ravel().copy()
        arguments = self.element(np.broadcast_to(x.value, value.value.shape))
        for position, (trial, entry) in enumerate(self._entries(arguments)):
            known = self._powers.get((trial, entry))
            mirrored = self._powers.get((trial, PRIME - entry))
            if known is not None:
                flat[position] = known
            elif mirrored is not None:
                flat[position] = modular.residue(1, mirrored)
        return self.element(flat.reshape(value.value.shape))

    def root(self, x: Element) -> Element:
        root = modular.square_root(x.value)
        missing = root * root % PRIME != x.value
        if not missing.any():
            return self.element(root)
        mark(missing, self.untied)
        return self.element(np.where(missing, self.hashed(key_of("root"), x.value), root))

    def select(self, gap: Element, below: Any, above: Any, equal: Any) -> Element:
        self._decide(gap.value)
        chosen = np.where(modular.is_positive(gap.value), self._raw(above), self._raw(below))
        zero = gap.value == 0
        if zero.any():
            chosen = np.where(zero, self._raw(equal), chosen)
        return self.element(chosen)

    def _decide(self, gap: Residues) -> None:
        """Counts the entries, each set of them once."""
        seen = gap.tobytes()
        if seen not in self._decided:
            self._decided.add(seen)
            self.branches += math.prod(gap.shape[-2:])

    def where_zero(self, gap: Element, value: Any, otherwise: Any) -> Element:
        zero = gap.value == 0
        if not zero.any():
            return self.element(np.broadcast_to(self._raw(otherwise), zero.shape))
        return self.element(np.where(zero, self._raw(value), self._raw(otherwise)))

    def _raw(self, value: Any) -> Any:
        return value.value if isinstance(value, Element) else self.constant(Fraction(value)).value

    def _entries(self, x: Element) -> list[tuple[int, int]]:
        """(trial, residue) of every entry, in memory order."""
        trials = x.value.shape[-3] if x.value.ndim > 2 else 1
        numbers = np.broadcast_to(np.arange(trials).reshape(trials, 1, 1), x.value.shape)
        return list(zip(numbers.ravel().tolist(), x.value.ravel().tolist(), strict=True))
