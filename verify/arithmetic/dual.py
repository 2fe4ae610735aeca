"""Forward-mode derivatives over any number system: dual numbers v + ε v̇ with ε² = 0.

Each operation states its own dual here, apart from every rule in ``derivations.calculus``; what is
shared is the slope of an elementwise function and the partial of an arbitrary map. Duals over
duals give second derivatives. A tangent of ``None`` is zero; it may have more batch axes than the
value, one direction each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from verify.arithmetic.base import Arithmetic, Array, Number, Steps


class Dual:
    """``value + ε tangent``."""

    # Many thousands are made in a check: a frozen dataclass takes three times as long.
    __slots__ = ("tangent", "value")

    def __init__(self, value: Any, tangent: Any = None) -> None:
        self.value, self.tangent = value, tangent

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return tuple(self.value.shape)


class DualArithmetic(Arithmetic):
    """Dual numbers over ``base``."""

    def __init__(self, base: Arithmetic) -> None:
        self.base = base
        self.name, self.epsilon, self.seed = f"dual {base.name}", base.epsilon, base.seed
        self.xp = base.xp

    def asarray(self, value: Any) -> Dual:
        return value if isinstance(value, Dual) else Dual(self.base.asarray(value))

    def number(self, value: Number) -> Any:
        return self.base.number(value)

    def full(self, value: Number, rows: int, cols: int) -> Dual:
        return Dual(self.base.full(value, rows, cols))

    def add(self, a: Dual, b: Dual) -> Dual:
        return Dual(self.base.add(a.value, b.value), self._sum(a.tangent, b.tangent))

    def multiply(self, a: Any, b: Dual) -> Dual:
        return self._product(self.base.multiply, self._lift(a), b)

    def matmul(self, a: Dual, b: Dual) -> Dual:
        return self._product(self.base.matmul, a, b)

    def kron(self, a: Dual, b: Dual) -> Dual:
        return self._product(self.base.kron, a, b)

    def divide(self, a: Dual, b: Dual) -> Dual:
        base, value = self.base, self.base.divide(a.value, b.value)
        falling = None
        if b.tangent is not None:
            falling = base.multiply(base.number(-1), base.multiply(value, b.tangent))
        change = self._sum(a.tangent, falling)
        return Dual(value, None if change is None else base.divide(change, b.value))

    def power(self, a: Dual, exponent: Number) -> Dual:
        base, value = self.base, self.base.power(a.value, exponent)
        if a.tangent is None or exponent == 0:
            return Dual(value)
        below = base.power(a.value, exponent - 1)
        slope = base.multiply(base.number(exponent), below)
        return Dual(value, base.multiply(slope, a.tangent))

    def apply(self, function: str, orders: tuple[int, ...], args: Sequence[Dual]) -> Dual:
        places = [argument.value for argument in args]
        tangent = None
        for slot, argument in enumerate(args):
            if argument.tangent is not None:
                raised = tuple(order + (k == slot) for k, order in enumerate(orders))
                slope = self.base.apply(function, raised, places)
                tangent = self._sum(tangent, self.base.multiply(slope, argument.tangent))
        return Dual(self.base.apply(function, orders, places), tangent)

    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Dual]) -> Dual:
        places = [argument.value for argument in args]
        value = self.base.map(name, steps, rows, cols, places)
        tangent = None
        for slot, argument in enumerate(args):
            if argument.tangent is not None:
                partial = self.base.map_partial(name, steps, slot, rows, cols, places)
                moved = self.base.matmul(partial, self.base.vec(argument.tangent))
                tangent = self._sum(tangent, self.base.unvec(moved, rows, cols))
        return Dual(value, tangent)

    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Dual]
    ) -> Dual:
        places = [argument.value for argument in args]
        tangent = None
        for other, argument in enumerate(args):
            if argument.tangent is not None:
                change = self.base.map_turn(
                    name, steps, (slot, other), rows, cols, places, argument.tangent
                )
                tangent = self._sum(tangent, change)
        return Dual(self.base.map_partial(name, steps, slot, rows, cols, places), tangent)

    def softmax(self, a: Dual) -> Dual:
        value = self.base.softmax(a.value)
        if a.tangent is None:
            return Dual(value)
        return Dual(value, self.base.multiply(value, self._less_mean(value, a.tangent)))

    def logsumexp(self, a: Dual) -> Dual:
        value = self.base.logsumexp(a.value)
        if a.tangent is None:
            return Dual(value)
        return Dual(value, self._inner(self.base.softmax(a.value), a.tangent))

    def log_softmax(self, a: Dual) -> Dual:
        value = self.base.log_softmax(a.value)
        if a.tangent is None:
            return Dual(value)
        return Dual(value, self._less_mean(self.base.softmax(a.value), a.tangent))

    def spectral_norm(self, a: Dual) -> Dual:
        return Dual(self.base.spectral_norm(a.value))

    # What only moves entries moves those of the tangent alike.

    def transpose(self, a: Dual) -> Dual:
        return self._both(self.base.transpose, a)

    def vec(self, a: Dual) -> Dual:
        return self._both(self.base.vec, a)

    def unvec(self, a: Dual, rows: int, cols: int) -> Dual:
        return self._both(lambda x: self.base.unvec(x, rows, cols), a)

    def diag(self, vector: Dual) -> Dual:
        return self._both(self.base.diag, vector)

    def entry(self, a: Dual, row: int, col: int) -> Dual:
        return self._both(lambda x: self.base.entry(x, row, col), a)

    def blocks(self, grid: Sequence[Sequence[Dual]]) -> Dual:
        value = self.base.blocks([[block.value for block in row] for row in grid])
        if all(block.tangent is None for row in grid for block in row):
            return Dual(value)
        return Dual(value, self.base.blocks([[self._tangent(b) for b in row] for row in grid]))

    def zeros(self, rows: int, cols: int) -> Dual:
        return Dual(self.base.zeros(rows, cols))

    def identity(self, size: int) -> Dual:
        return Dual(self.base.identity(size))

    def commutation(self, rows: int, cols: int) -> Dual:
        return Dual(self.base.commutation(rows, cols))

    def diagonalizer(self, size: int) -> Dual:
        return Dual(self.base.diagonalizer(size))

    def matrix_power(self, a: Dual, exponent: int) -> Dual:
        if exponent <= 0:
            return Dual(self.base.matrix_power(a.value, exponent))
        return reduce(self.matmul, [a] * exponent)

    def _product(self, product: Callable[[Array, Array], Array], a: Dual, b: Dual) -> Dual:
        left = None if a.tangent is None else product(a.tangent, b.value)
        right = None if b.tangent is None else product(a.value, b.tangent)
        return Dual(product(a.value, b.value), self._sum(left, right))

    def _lift(self, a: Any) -> Dual:
        return a if isinstance(a, Dual) else Dual(a)

    def _sum(self, a: Any, b: Any) -> Any:
        if a is None or b is None:
            return a if b is None else b
        return self.base.add(a, b)

    def _both(self, move: Callable[[Array], Array], a: Dual) -> Dual:
        return Dual(move(a.value), None if a.tangent is None else move(a.tangent))

    def _tangent(self, a: Dual) -> Array:
        if a.tangent is not None:
            return a.tangent
        return self.base.multiply(self.base.number(0), a.value)

    def _inner(self, a: Array, b: Array) -> Array:
        return self.base.matmul(self.base.transpose(self.base.vec(a)), self.base.vec(b))

    def _less_mean(self, weights: Array, tangent: Array) -> Array:
        """ṫ − ⟨s, ṫ⟩: what softmax does to a tangent before it weighs it."""
        mean = self.base.multiply(self.base.number(-1), self._inner(weights, tangent))
        return self.base.add(tangent, mean)
