"""What an evaluator needs of a number system: one abstract class, one subclass per system.

A value is an array of shape (…, rows, cols). Leading axes are a batch: a whole set of perturbed
copies is evaluated in one pass, and values of different batch shapes broadcast.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from sympy import Expr

from derivations.errors import MissingRule

Array: TypeAlias = Any
"""An array of the number system, shape (…, rows, cols)."""

Number: TypeAlias = int | Fraction | Expr
"""A concrete number: exact where it is rational, else a SymPy number such as sqrt(2)."""

Steps = tuple[int, ...]


class Arithmetic(ABC):
    """Number system over an array library.

    What only moves entries around is written here once, over ``xp``; what computes is a method
    that a system with an arithmetic of its own (a finite field) overrides.

    Attributes:
        name: what reports call it.
        xp: the array library, ``numpy`` or what behaves like it.
        epsilon: unit rounding error; 0 for an exact system.
        seed: fixes every arbitrary function.
    """

    name: str
    xp: Any
    epsilon: float
    seed: int

    @abstractmethod
    def asarray(self, value: Any) -> Array:
        """Values (numbers of any kind, already shaped) as an array of this system."""

    @abstractmethod
    def number(self, value: Number) -> Any:
        """One concrete number as a scalar that multiplies arrays of this system."""

    @abstractmethod
    def apply(self, function: str, orders: tuple[int, ...], args: Sequence[Array]) -> Array:
        """An elementwise function, or its derivative of the given order in each argument."""

    @abstractmethod
    def map(self, name: str, steps: Steps, rows: int, cols: int, args: Sequence[Array]) -> Array:
        """The arbitrary map ``name`` at its own time ``steps``, rows×cols."""

    @abstractmethod
    def map_partial(
        self, name: str, steps: Steps, slot: int, rows: int, cols: int, args: Sequence[Array]
    ) -> Array:
        """Its partial derivative in argument ``slot``: (…, rows·cols, entries of the argument)."""

    def map_turn(
        self, name: str, steps: Steps, slots: tuple[int, int], rows: int, cols: int,
        args: Sequence[Array], tangent: Array,
    ) -> Array:  # fmt: skip
        """How the partial in ``slots[0]`` changes along ``tangent``, a change of ``slots[1]``.

        Raises:
            MissingRule: the system does not know second derivatives.
        """
        raise MissingRule("second partial", self.name)

    @abstractmethod
    def log_softmax(self, a: Array) -> Array:
        """log softmax over all entries of a vector, stable."""

    @abstractmethod
    def logsumexp(self, a: Array) -> Array:
        """log Σ exp over all entries of a vector, 1×1, stable."""

    @abstractmethod
    def softmax(self, a: Array) -> Array:
        """softmax over all entries of a vector."""

    @abstractmethod
    def spectral_norm(self, a: Array) -> Array:
        """The largest singular value, 1×1."""

    def smallest_singular(self, a: Array) -> Array:
        """The smallest singular value, 1×1.

        Raises:
            MissingRule: the system has no singular values.
        """
        raise MissingRule("smallest singular value", self.name)

    @abstractmethod
    def power(self, a: Array, exponent: Number) -> Array:
        """Elementwise power with a concrete exponent."""

    # Operators: what numbers, floats and duals share.

    def add(self, a: Array, b: Array) -> Array:
        """a + b."""
        return a + b

    def multiply(self, a: Array, b: Array) -> Array:
        """Elementwise product; also a scalar of :meth:`number` times an array."""
        return a * b

    def divide(self, a: Array, b: Array) -> Array:
        """Elementwise quotient."""
        return a / b

    def matmul(self, a: Array, b: Array) -> Array:
        """Matrix product over the last two axes."""
        return self.xp.matmul(a, b)

    # Structure: entries move, nothing is computed.

    def full(self, value: Number, rows: int, cols: int) -> Array:
        """A rows×cols array of one number."""
        return self.asarray(np.full((rows, cols), self.number(value)))

    def zeros(self, rows: int, cols: int) -> Array:
        """The zero matrix."""
        return self.asarray(np.zeros((rows, cols), dtype=np.int64))

    def identity(self, size: int) -> Array:
        """The identity matrix."""
        return self.asarray(np.eye(size, dtype=np.int64))

    def transpose(self, a: Array) -> Array:
        """Rows become columns; nothing is conjugated."""
        return self.xp.swapaxes(a, -1, -2)

    def vec(self, a: Array) -> Array:
        """Columns stacked, (…, rows·cols, 1)."""
        return self.transpose(a).reshape(*a.shape[:-2], a.shape[-2] * a.shape[-1], 1)

    def unvec(self, a: Array, rows: int, cols: int) -> Array:
        """The rows×cols matrix whose columns stacked are ``a``."""
        return self.transpose(a.reshape(*a.shape[:-2], cols, rows))

    def diag(self, vector: Array) -> Array:
        """The diagonal matrix of a row or a column."""
        size = max(vector.shape[-2:])
        column = vector.reshape(*vector.shape[:-2], size, 1)
        return self.multiply(self.identity(size), column)

    def blocks(self, grid: Sequence[Sequence[Array]]) -> Array:
        """The block matrix given row by row."""
        flat = [block for row in grid for block in row]
        batch = np.broadcast_shapes(*(block.shape[:-2] for block in flat))
        wide = [
            [self.xp.broadcast_to(block, (*batch, *block.shape[-2:])) for block in row]
            for row in grid
        ]
        rows = [row[0] if len(row) == 1 else self.xp.concatenate(row, axis=-1) for row in wide]
        return rows[0] if len(rows) == 1 else self.xp.concatenate(rows, axis=-2)

    def kron(self, a: Array, b: Array) -> Array:
        """The Kronecker product a ⊗ b."""
        product = self.multiply(a[..., :, None, :, None], b[..., None, :, None, :])
        rows, cols = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
        return product.reshape(*product.shape[:-4], rows, cols)

    def stack(self, values: Sequence[Array]) -> Array:
        """Values of one expression under several bindings, side by side on a first axis.

        Raises:
            MissingRule: the system has no such axis.
        """
        raise MissingRule("values side by side", self.name)

    def entry(self, a: Array, row: int, col: int) -> Array:
        """One entry as a 1×1 array; indices count from 1.

        Raises:
            IndexError: there is no such entry.
        """
        rows, cols = a.shape[-2:]
        if not (1 <= row <= rows and 1 <= col <= cols):
            raise IndexError(f"entry [{row},{col}] of a {rows}×{cols} matrix")
        return a[..., row - 1 : row, col - 1 : col]

    def commutation(self, rows: int, cols: int) -> Array:
        """K with K vec X = vec Xᵀ for rows×cols X."""
        order = np.arange(rows * cols).reshape(cols, rows).T.reshape(-1)
        return self.asarray(np.eye(rows * cols, dtype=np.int64)[order])

    def diagonalizer(self, size: int) -> Array:
        """E with vec(diag(x)) = E x."""
        matrix = np.zeros((size * size, size), dtype=np.int64)
        matrix[np.arange(size) * (size + 1), np.arange(size)] = 1
        return self.asarray(matrix)

    def determinant(self, a: Array, size: int) -> Array:
        """det A of size×size matrices, 1×1."""
        return self._cofactors(a, size)[0]

    def inverse(self, a: Array, size: int) -> Array:
        """The inverse of size×size matrices."""
        value, adjugate = self._cofactors(a, size)
        return self.divide(adjugate, value)

    def _cofactors(self, a: Array, size: int) -> tuple[Array, Array]:
        """det A and the adjugate of A by the Faddeev–LeVerrier recurrence: products and sums."""
        one, ones = self.identity(size), self.full(1, size, 1)
        adjugate, value = one, self.full(1, 1, 1)
        for step in range(1, size + 1):
            product = self.matmul(a, adjugate)
            total = self.matmul(
                self.transpose(self.matmul(self.multiply(one, product), ones)), ones
            )
            value = self.multiply(self.number(Fraction(1, step)), total)
            if step < size:
                rest = self.multiply(one, value)
                adjugate = self.add(self.multiply(self.number(-1), product), rest)
        return value, adjugate

    def matrix_exponential(self, a: Array) -> Array:
        """Σ aʲ/j! by scaling and squaring (Higham 2008, section 10.3).

        Raises:
            ValueError: the system is exact, where no series converges.
        """
        if not self.epsilon:
            raise ValueError(f"there is no matrix exponential in {self.name}")
        norm = float(np.max(np.sum(np.abs(a), axis=-1), initial=0))
        squarings = max(0, math.ceil(math.log2(norm)) + 1) if norm else 0
        half = self.multiply(self.number(Fraction(1, 2**squarings)), a)
        # The norm of ``half`` is at most 1/2: term j is below 2⁻ʲ/j!.
        total = term = self.identity(a.shape[-1])
        bound, order = 1.0, 0
        while bound > self.epsilon / 8:
            order += 1
            bound /= 2 * order
            term = self.multiply(self.number(Fraction(1, order)), self.matmul(term, half))
            total = self.add(total, term)
        for _ in range(squarings):
            total = self.matmul(total, total)
        return total

    def matrix_power(self, a: Array, exponent: int) -> Array:
        """Repeated matrix product by squaring; exponent ≥ 0.

        Raises:
            ValueError: the exponent is negative.
        """
        if exponent < 0:
            raise ValueError(f"matrix power with exponent {exponent} < 0")
        result, square = None, a
        while exponent:
            if exponent & 1:
                result = square if result is None else self.matmul(result, square)
            exponent >>= 1
            if exponent:
                square = self.matmul(square, square)
        return self.identity(a.shape[-1]) if result is None else result
