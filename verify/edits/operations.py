"""The operations of the language in plain floating point, and why a term may have no value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derivations.errors import GradproofError
from verify.arithmetic.numpy import NumpyArithmetic

Matrix = Any
"""A float64 array of shape (rows, cols)."""


class Absent(GradproofError):
    """A term at a time at which it has no value, or a range that runs backwards past its end."""


class Misfit(GradproofError):
    """Shapes that do not fit."""


class Unknown(GradproofError):
    """What this evaluator cannot compute."""


INTEGERS: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a * b,
}
ELEMENTWISE: Mapping[str, Callable[[Matrix, Matrix], Matrix]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "@": np.multiply,
    "/": np.divide,
}


def _diagonal(arithmetic: NumpyArithmetic, vector: Matrix) -> Matrix:
    if 1 not in vector.shape:
        raise Misfit("diag")
    return arithmetic.diag(vector)


def _dot(arithmetic: NumpyArithmetic, left: Matrix, right: Matrix) -> Matrix:
    if left.shape != right.shape:
        raise Misfit("dot")
    return np.full((1, 1), np.sum(left * right))


def _determinant(arithmetic: NumpyArithmetic, matrix: Matrix) -> Matrix:
    if matrix.shape[0] != matrix.shape[1]:
        raise Misfit("det")
    return arithmetic.determinant(matrix, len(matrix))


def _stacked(axis: int) -> Callable[..., Matrix]:
    def stack(arithmetic: NumpyArithmetic, *parts: Matrix) -> Matrix:
        if len({part.shape[1 - axis] for part in parts}) > 1:
            raise Misfit("concat")
        return np.concatenate(parts, axis=axis)

    return stack


def _ones(*sizes: int) -> Matrix:
    if not sizes:
        raise Unknown("ones whose size follows from what stands beside them")
    return np.ones((*sizes, 1)[:2])


OPERATIONS: Mapping[str, Callable[..., Matrix]] = {
    "diag": _diagonal,
    "dot": _dot,
    "softmax": lambda arithmetic, v: arithmetic.softmax(v),
    "log_softmax": lambda arithmetic, v: arithmetic.log_softmax(v),
    "logsumexp": lambda arithmetic, v: arithmetic.logsumexp(v),
    "sum": lambda arithmetic, v: np.full((1, 1), v.sum()),
    "mean": lambda arithmetic, v: np.full((1, 1), v.mean()),
    "trace": lambda arithmetic, v: np.full((1, 1), np.trace(v)),
    "det": _determinant,
    "norm": lambda arithmetic, v: np.full((1, 1), np.linalg.norm(v, 2)),
    "concat": _stacked(0),
    "hstack": _stacked(1),
    "transpose": lambda arithmetic, v: v.T,
    "vec": lambda arithmetic, v: v.T.reshape(-1, 1),
    "kron": lambda arithmetic, a, b: np.kron(a, b),
}
SIZED: Mapping[str, Callable[..., Matrix]] = {
    "eye": lambda *sizes: np.eye(sizes[0]),
    "ones": _ones,
    "zeros": lambda *sizes: np.zeros((*sizes, 1)[:2]),
}
FOREIGN = frozenset({"max", "min", "rows", "outer", "tangent", "unvec", "commutation",
                      "diagonalizer", "expm", "squared_error", "cross_entropy",
                      "binary_cross_entropy", "nll", "hinge"})  # fmt: skip
"""Operations that only the typed evaluation knows."""
