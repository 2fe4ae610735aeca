"""What counts as a weight: a value without steps and batch, the same for all of the sequence."""

from __future__ import annotations

from collections.abc import Mapping

from sympy.matrices.expressions import MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Variable
from derivations.program.values import Value


def is_weight(node: MatrixExpr, values: Mapping[str, Value]) -> bool:
    """Whether a node is a value, or a transposed one, that all steps and examples share."""
    inner = node.arg if isinstance(node, Transpose) else node
    if not isinstance(inner, Variable) or inner.steps:
        return False
    return not values[inner.name].batched


def is_weighted(node: MatrixExpr, values: Mapping[str, Value]) -> bool:
    """Whether a node is a weight matrix times a column."""
    if not isinstance(node, MatMul) or len(node.args) != 2 or node.shape[1] != 1:
        return False
    return is_weight(node.args[0], values) and 1 not in node.args[0].shape
