"""Structure: diagonals, blocks, entries, Kronecker products, and the constants vec needs."""

from __future__ import annotations

from functools import cached_property

from sympy import Expr, Integer
from sympy.core.sympify import _sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.node import Node


class Diag(Node):
    """The diagonal matrix of a vector (column or row) of size n: n×n."""

    def __new__(cls, vector: MatrixExpr) -> Diag:
        return cls._of(vector)

    vector = property(lambda self: self.args[0])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        rows, cols = self.vector.shape
        size = rows if cols == 1 else cols
        return size, size


class Blocks(Node):
    """A block matrix with ``down`` × ``across`` blocks, given row by row; concat is across = 1."""

    def __new__(cls, down: object, across: object, *blocks: MatrixExpr) -> Blocks:
        return cls._of(_sympify(down), _sympify(across), *blocks)

    down = property(lambda self: int(self.args[0]))
    across = property(lambda self: int(self.args[1]))
    blocks = property(lambda self: self.args[2:])

    @cached_property
    def grid(self) -> tuple[tuple[MatrixExpr, ...], ...]:
        """The blocks as a tuple of block rows."""
        width = self.across
        return tuple(self.blocks[i * width : (i + 1) * width] for i in range(self.down))

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        rows = sum((row[0].shape[0] for row in self.grid), Integer(0))
        cols = sum((block.shape[1] for block in self.grid[0]), Integer(0))
        return rows, cols


class Entry(Node):
    """One entry of a matrix as a 1×1 value; ``row`` and ``col`` count from 1."""

    def __new__(cls, matrix: MatrixExpr, row: object, col: object) -> Entry:
        return cls._of(matrix, _sympify(row), _sympify(col))

    matrix = property(lambda self: self.args[0])
    row = property(lambda self: self.args[1])
    col = property(lambda self: self.args[2])
    shape = property(lambda self: (Integer(1), Integer(1)))


class Kron(Node):
    """The Kronecker product A ⊗ B; vec(B X Aᵀ) = (A ⊗ B) vec X with column-major vec."""

    def __new__(cls, left: MatrixExpr, right: MatrixExpr) -> Kron:
        return cls._of(left, right)

    left = property(lambda self: self.args[0])
    right = property(lambda self: self.args[1])

    @cached_property
    def shape(self) -> tuple[Expr, Expr]:
        (a, b), (c, d) = self.left.shape, self.right.shape
        return a * c, b * d


class Vec(Node):
    """vec X: the columns of X stacked, (rows·cols)×1."""

    def __new__(cls, matrix: MatrixExpr) -> Vec:
        return cls._of(matrix)

    matrix = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[0].shape[0] * self.args[0].shape[1], Integer(1)))


class Unvec(Node):
    """The rows×cols matrix whose vec is the given (rows·cols)×1 vector."""

    def __new__(cls, vector: MatrixExpr, rows: object, cols: object) -> Unvec:
        return cls._of(vector, _sympify(rows), _sympify(cols))

    vector = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[1], self.args[2]))


class Commutation(Node):
    """K with K vec X = vec Xᵀ for every rows×cols X (Magnus & Neudecker 1979)."""

    def __new__(cls, rows: object, cols: object) -> Commutation:
        return cls._of(_sympify(rows), _sympify(cols))

    shape = property(lambda self: (self.args[0] * self.args[1],) * 2)


class Diagonalizer(Node):
    """The n²×n constant E with vec(diag(x)) = E x."""

    def __new__(cls, size: object) -> Diagonalizer:
        return cls._of(_sympify(size))

    size = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[0] ** 2, self.args[0]))
