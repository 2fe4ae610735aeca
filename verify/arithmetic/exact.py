"""What the exact number systems share: table functions over a kit, softmax, powers, no rounding."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr

from derivations.errors import GradproofError
from derivations.functions import lookup
from verify.arithmetic.base import Arithmetic, Array, Number
from verify.arithmetic.field_functions import Kit, OracleSpace
from verify.arithmetic.jets import evaluate_row


class NotRational(GradproofError):
    """An operation that has no counterpart in a field, such as a spectral norm."""


class ExactArithmetic(Arithmetic):
    """Number system without order, exp or log of its own: a kit draws them.

    Results of functions are remembered by their arguments, so that what both sides of an equation
    use, and every pass of duals through the same equations, is computed once.
    """

    kit: Kit
    space: OracleSpace
    epsilon = 0.0
    _memory: dict[Hashable, tuple[Any, Array]]

    @abstractmethod
    def lift(self, a: Array) -> Any:
        """An array as an element with operators."""

    @abstractmethod
    def lower(self, x: Any, like: Sequence[Array]) -> Array:
        """An element as an array of the common shape of ``like``."""

    @abstractmethod
    def total(self, a: Array) -> Array:
        """The sum of all entries, 1×1."""

    @abstractmethod
    def drawn(self, name: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        """An arbitrary elementwise function or a derivative of it: drawn, each on its own."""

    def apply(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        row = lookup(function)
        if row is None:
            return self._once((function, orders), args, lambda: self.drawn(function, orders, args))

        def evaluate() -> Array:
            lifted = tuple(self.lift(argument) for argument in args)
            return self.lower(evaluate_row(row, self.space, orders, lifted, value), args)

        def value() -> Any:
            return self.lift(self.apply(function, (0,) * len(orders), args))

        return self._once((function, orders), args, evaluate)

    def softmax(self, a: Array) -> Array:
        def evaluate() -> Array:
            powers = self._exp(a)
            result = self.divide(powers, self.total(powers))
            # A later log of it, under whatever name, is the log-softmax.
            self.kit.remember(lambda: (self.lift(result), self.lift(self.log_softmax(a))))
            return result

        return self._once("softmax", (a,), evaluate)

    def logsumexp(self, a: Array) -> Array:
        def evaluate() -> Array:
            # Drawn from the oracle of log, so that log(sum(exp(a))) written out is the same.
            total = self.total(self._exp(a))
            return self.lower(self.kit.fresh_log(self.lift(total)), (total,))

        return self._once("logsumexp", (a,), evaluate)

    def log_softmax(self, a: Array) -> Array:
        def evaluate() -> Array:
            rest = self.logsumexp(a)
            result = self.add(a, self.multiply(self.number(-1), rest))
            self.kit.remember(lambda: (self.lift(self.softmax(a)), self.lift(result)))
            return result

        return self._once("log_softmax", (a,), evaluate)

    def spectral_norm(self, a: Array) -> Array:
        raise NotRational("a spectral norm has no counterpart in a field")

    def power(self, a: Array, exponent: Number) -> Array:
        """Whole powers and square roots are the field's; others are drawn up to whole ones."""
        if isinstance(exponent, int):
            return self.lower(self.lift(a) ** exponent, (a,))
        whole = math.floor(exponent)
        if isinstance(exponent, Fraction) and exponent.denominator == 2:
            part = self.apply("sqrt", (0,), (a,))
        else:
            fraction = exponent - whole
            name = f"^{fraction}"
            part = self._once(name, (a,), lambda: self.drawn(name, (0,), (a,)))
        return self.multiply(self.power(a, int(whole)), part) if whole else part

    def constant(self, value: Number) -> Any:
        """A concrete number as an element; irrational ones are symbols or roots."""
        if isinstance(value, Expr):
            return self._irrational(value)
        return self.kit.constant(Fraction(value))

    def _irrational(self, value: Expr) -> Any:
        from sympy import Add, Mul, Pow, Rational

        if isinstance(value, Rational):
            return self.kit.constant(Fraction(int(value.p), int(value.q)))
        if isinstance(value, Add | Mul):
            parts = [self._irrational(argument) for argument in value.args]
            total = parts[0]
            for part in parts[1:]:
                total = total + part if isinstance(value, Add) else total * part
            return total
        if isinstance(value, Pow) and isinstance(value.exp, Rational) and value.exp.q == 2:
            root = self.kit.root(self._irrational(value.base))
            return root ** int(value.exp.p)
        return self.kit.symbol(str(value))

    def _exp(self, a: Array) -> Array:
        return self.apply("exp", (0,), (a,))

    def _once(self, what: Hashable, args: Sequence[Array], make: Callable[[], Array]) -> Array:
        key = (what, *map(self._content, args))
        found = self._memory.get(key)
        if found is None:
            # The arguments are kept, so that no other array takes over their identity.
            found = self._memory[key] = (tuple(args), make())
        return found[1]

    def _content(self, a: Array) -> Hashable:
        """What an argument is remembered by."""
        return id(a)
