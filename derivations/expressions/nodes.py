"""The closed set of node kinds: SymPy matrix expressions whose time step is an argument.

Every value is a matrix; a vector is a column, a scalar is 1×1. Sizes and time steps are SymPy
integers and symbols. SymPy supplies ``MatMul``, ``MatAdd``, ``HadamardProduct``, ``Transpose``,
``Identity`` and ``ZeroMatrix``; the other kinds are what it lacks. :data:`KINDS` names them all,
and a test walks it to list every table (VJP, JVP, renderer, evaluator) that misses one.
"""

from __future__ import annotations

from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.binders import (
    DirectSum,
    TimeProduct,
    TimeSum,
)
from derivations.expressions.leaves import (
    Adjoint,
    Jacobian,
    Leaf,
    Tangent,
    Variable,
)
from derivations.expressions.operations import (
    Apply,
    Constant,
    Determinant,
    LogSoftmax,
    LogSumExp,
    Map,
    MapPartial,
    MatrixExponential,
    MatrixPower,
    Power,
    Quotient,
    Scale,
    SmallestSingular,
    Softmax,
    SpectralNorm,
)
from derivations.expressions.structure import (
    Blocks,
    Commutation,
    Diag,
    Diagonalizer,
    Entry,
    Kron,
    Unvec,
    Vec,
)

KINDS: tuple[type[MatrixExpr], ...] = (
    Variable, Adjoint, Tangent, Constant, Apply, Map, MapPartial, Softmax, LogSoftmax, LogSumExp,
    Scale, Quotient, Power, MatrixPower, MatrixExponential, Determinant, Diag, Blocks, TimeSum,
    TimeProduct, DirectSum, Kron, Vec, Unvec, Commutation, Diagonalizer, Entry, SpectralNorm,
    SmallestSingular, Jacobian, MatMul, MatAdd, HadamardProduct, Transpose, Identity, ZeroMatrix,
)  # fmt: skip
"""Every kind of node there is."""

__all__ = [
    "KINDS",
    "Adjoint",
    "Apply",
    "Blocks",
    "Commutation",
    "Constant",
    "Determinant",
    "Diag",
    "Diagonalizer",
    "DirectSum",
    "Entry",
    "Jacobian",
    "Kron",
    "Leaf",
    "LogSoftmax",
    "LogSumExp",
    "Map",
    "MapPartial",
    "MatrixExponential",
    "MatrixPower",
    "Power",
    "Quotient",
    "Scale",
    "SmallestSingular",
    "Softmax",
    "SpectralNorm",
    "Tangent",
    "TimeProduct",
    "TimeSum",
    "Unvec",
    "Variable",
    "Vec",
]
