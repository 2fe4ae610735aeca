"""Number systems whose entries are Python objects with operators, in NumPy object arrays.

What an entry is (a fraction, an interval, a linear form) is a subclass's; the structure, the
formulas of the function table and the value of a function at a jump are written once, here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Rational

from derivations.errors import GradproofError, MissingRule
from derivations.functions import lookup
from derivations.functions.spaces import PRIMITIVES
from verify.arithmetic.base import Arithmetic, Array, Number, Steps
from verify.arithmetic.jets import evaluate_row, row_of


class NoCounterpart(GradproofError):
    """An operation that the number system cannot do; another method may reach it."""


class EntrySpace:
    """A row's formulas on object arrays (see ``derivations.functions.spaces``)."""

    pi: Any  # by __getattr__: not every system has it

    def __init__(self, arithmetic: EntryArithmetic) -> None:
        self._arithmetic = arithmetic
        self._choose = np.frompyfunc(arithmetic.choose, 5, 1)

    def __getattr__(self, name: str) -> Any:
        if name == "pi":
            return self._arithmetic.primitive("pi")(None)
        if name in PRIMITIVES:
            primitive, convert = self._arithmetic.primitive(name), self._arithmetic.convert
            return np.frompyfunc(lambda x: primitive(convert(x)), 1, 1)
        return lambda *arguments: self._arithmetic.row(name, arguments)

    def number(self, text: str) -> Any:
        """An exact constant."""
        return self._arithmetic.number(Fraction(text))

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """Both branches are computed; the entries say which one holds."""
        number = self._arithmetic.entries
        low, high = number(below), number(above)
        return self._choose(number(x), number(point), low, high, low if equal is None else
                            number(equal))  # fmt: skip

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where x = point."""
        number = self._arithmetic.entries
        rest = number(otherwise)
        return self._choose(number(x), number(point), rest, rest, number(value))


class EntryArithmetic(Arithmetic):
    """Number system over entries.

    Args:
        jumps: value of a function of the table at 0 where that differs from the table's,
            ``{"step": 0}``.
    """

    xp = np
    epsilon = 0.0
    seed = 0

    def __init__(self, jumps: Mapping[str, Fraction] | None = None) -> None:
        self.jumps = dict(jumps or {})
        self.space = EntrySpace(self)
        self._entries = np.frompyfunc(self.convert, 1, 1)

    @abstractmethod
    def convert(self, value: Any) -> Any:
        """A number (an int, a fraction, an entry) as an entry."""

    @abstractmethod
    def choose(self, x: Any, point: Any, below: Any, above: Any, equal: Any) -> Any:
        """``below`` for x < point, ``above`` for x > point, ``equal`` at it; all are entries."""

    @abstractmethod
    def signs(self, x: Any) -> frozenset[int]:
        """Which of −1, 0 and 1 the sign of an entry may be."""

    @abstractmethod
    def primitive(self, name: str) -> Callable[[Any], Any]:
        """One of exp, log, tanh, …, entry by entry.

        Raises:
            NoCounterpart: the system does not have it.
        """

    def entries(self, value: Any) -> Any:
        """A number or an array of numbers as entries."""
        return self._entries(value)

    def row(self, name: str, arguments: Sequence[Any]) -> Any:
        """A row of the table at these entries."""
        return row_of(name).value_in(self.space, *arguments)

    def asarray(self, value: Any) -> Array:
        return np.asarray(self._entries(np.asarray(value)), dtype=object)

    def number(self, value: Number) -> Any:
        if isinstance(value, Rational):
            return self.convert(Fraction(int(value.p), int(value.q)))
        if isinstance(value, int | Fraction):
            return self.convert(value)
        raise NoCounterpart(f"{value} has no exact counterpart in {self.name}")

    def apply(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        row = lookup(function)
        if row is None:
            raise NoCounterpart(f"{function} is arbitrary: a design needs functions of the table")
        if any(orders):
            value = evaluate_row(row, self.space, orders, tuple(args))
        else:
            value = self.row(row.name, args)
            if row.name in self.jumps:
                value = self.space.at(args[0], Fraction(0), self.jumps[row.name], value)
        shape = np.broadcast_shapes(*(np.shape(a) for a in args))
        return self.asarray(np.broadcast_to(np.asarray(value, dtype=object), shape))

    def power(self, a: Array, exponent: Number) -> Array:
        if isinstance(exponent, int) and exponent >= 0:
            return np.asarray(a**exponent, dtype=object)
        if isinstance(exponent, int):
            return self.divide(self.full(1, 1, 1), self.power(a, -exponent))
        raise NoCounterpart(f"the power {exponent} has no counterpart in {self.name}")

    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Array]) -> Array:
        raise NoCounterpart(f"{name} is arbitrary: a design needs functions of the table")

    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Array]
    ) -> Array:
        raise NoCounterpart(f"{name} is arbitrary: a design needs functions of the table")

    def softmax(self, a: Array) -> Array:
        raise MissingRule("softmax", self.name)

    def logsumexp(self, a: Array) -> Array:
        raise MissingRule("logsumexp", self.name)

    def log_softmax(self, a: Array) -> Array:
        raise MissingRule("log softmax", self.name)

    def spectral_norm(self, a: Array) -> Array:
        raise MissingRule("spectral norm", self.name)
