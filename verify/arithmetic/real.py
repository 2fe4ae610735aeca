"""What every real number system shares: softmax, powers, and arbitrary functions as waves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verify.arithmetic import arbitrary
from verify.arithmetic.base import Arithmetic, Array, Number, Steps


class RealArithmetic(Arithmetic):
    """Number system with exp, log, sin and an order."""

    @abstractmethod
    def wave(self, a: Array, order: int) -> Array:
        """The ``order``-th derivative of sin."""

    @abstractmethod
    def exp(self, a: Array) -> Array:
        """exp, elementwise."""

    @abstractmethod
    def log(self, a: Array) -> Array:
        """log, elementwise."""

    @abstractmethod
    def largest(self, a: Array) -> Array:
        """The largest real part in each matrix, (…, 1, 1)."""

    @abstractmethod
    def table(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        """A function of the table, or a derivative of it."""

    @abstractmethod
    def in_table(self, function: str) -> bool:
        """Whether the table of functions has this name; else it is arbitrary."""

    def apply(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        if self.in_table(function):
            return self.table(function, orders, args)
        return arbitrary.elementwise(self.seed, function, len(args))(self, orders, args)

    def softmax(self, a: Array) -> Array:
        # Shifting by the largest entry changes nothing but keeps exp within range.
        powers = self.exp(a - self.largest(a))
        return powers / powers.sum(axis=(-2, -1), keepdims=True)

    def logsumexp(self, a: Array) -> Array:
        top = self.largest(a)
        return top + self.log(self.exp(a - top).sum(axis=(-2, -1), keepdims=True))

    def log_softmax(self, a: Array) -> Array:
        return a - self.logsumexp(a)

    def power(self, a: Array, exponent: Number) -> Array:
        if isinstance(exponent, int):
            if exponent >= 0:
                return a**exponent
            return self.divide(self.number(1), a**-exponent)
        if isinstance(exponent, Fraction) and exponent.denominator == 2:
            # A root, then whole powers: rounded better than exp(log), exact at squares.
            root = self.table("sqrt", (0,), (a,))
            return self.power(root, exponent.numerator)
        return a ** self.number(exponent)

    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Array]) -> Array:
        stacked, _ = self._stack(args)
        chosen = arbitrary.wave_map(self.seed, name, steps, rows * cols, stacked.shape[-2])
        return self.unvec(chosen.value(self, stacked), rows, cols)

    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Array]
    ) -> Array:
        stacked, bounds = self._stack(args)
        chosen = arbitrary.wave_map(self.seed, name, steps, rows * cols, stacked.shape[-2])
        return chosen.partial(self, stacked, slice(*bounds[slot]))

    def map_turn(
        self, name: str, steps: Steps, slots: tuple[int, int], rows: int, cols: int,
        args: Sequence[Array], tangent: Array,
    ) -> Array:  # fmt: skip
        stacked, bounds = self._stack(args)
        chosen = arbitrary.wave_map(self.seed, name, steps, rows * cols, stacked.shape[-2])
        columns, moved = (slice(*bounds[slot]) for slot in slots)
        return chosen.turn(self, stacked, columns, moved, self.vec(tangent))

    def _stack(self, args: Sequence[Array]) -> tuple[Array, list[tuple[int, int]]]:
        """All arguments as one column, and where each of them lies in it."""
        columns = [self.vec(argument) for argument in args]
        bounds: list[tuple[int, int]] = []
        start: Any = 0
        for column in columns:
            bounds.append((start, start + column.shape[-2]))
            start = bounds[-1][1]
        return self.blocks([[column] for column in columns]), bounds
