"""Powers, inverses and determinants of square matrices."""

from __future__ import annotations

from derivations.expressions.nodes import Determinant, MatrixPower
from verify.arithmetic.base import Array
from verify.evaluate.frame import Frame, Run
from verify.evaluate.indices import compile_integer


def matrix_power(node: MatrixPower, base: Run) -> Run:
    """A repeated matrix product; of the inverse where the exponent is negative."""
    exponent, size = compile_integer(node.exponent), compile_integer(node.shape[0])

    def run(frame: Frame) -> Array:
        value, power = base(frame), exponent(frame.env)
        if power < 0:
            value = frame.arithmetic.inverse(value, size(frame.env))
        return frame.arithmetic.matrix_power(value, abs(power))

    return run


def determinant(node: Determinant, matrix: Run) -> Run:
    """det A, 1×1."""
    size = compile_integer(node.arg.shape[0])
    return lambda frame: frame.arithmetic.determinant(matrix(frame), size(frame.env))
