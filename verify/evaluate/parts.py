"""The closure of one node: common parts are computed once, and many indices at a time."""

from __future__ import annotations

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from verify.arithmetic.base import Array
from verify.evaluate.frame import Frame, Run, bindings_of

_ALGEBRA = (
    HadamardProduct, MatAdd, MatMul, Transpose,
    nodes.Blocks, nodes.Diag, nodes.Kron, nodes.Scale, nodes.Unvec, nodes.Vec,
)  # fmt: skip
"""Kinds that act on each matrix of a stack alike; a function draws its values one by one."""


class Part:
    """A node's closure, shared by all formulas that have the node in common.

    Attributes:
        uses: in how many places the node stands.
    """

    __slots__ = ("_algebra", "_free", "_rule", "uses")

    def __init__(self, node: MatrixExpr, rule: Run) -> None:
        self._rule = rule
        self._free = bindings_of(node)
        plain = [arg for arg in node.args if not isinstance(arg, MatrixExpr)]
        indexed = any(symbol in self._free for arg in plain for symbol in arg.free_symbols)
        self._algebra = isinstance(node, _ALGEBRA) and not indexed
        self.uses = 0

    def run(self, frame: Frame) -> Array:
        """The value; a frame for many formulas keeps it where several nodes use it.

        Where indices are spread, (indices, …, rows, cols), if it depends on one of them.
        """
        spread = frame.spread and not frame.spread.isdisjoint(self._free)
        common = frame.common
        if common is None or (self.uses < 2 and not spread):
            return self._rule(frame)
        env = frame.env
        key = (self, *[env.get(symbol) for symbol in self._free])
        value = common.get(key)
        if value is None:
            whole = self._algebra or not spread
            value = common[key] = self._rule(frame) if whole else self._each(frame)
        return value

    def _each(self, frame: Frame) -> Array:
        """One index after the other, the values side by side."""
        env, spread = frame.env, frame.spread
        names = list(spread)
        listed = [env[name] for name in names]
        frame.spread = frozenset()
        values = []
        for steps in zip(*listed, strict=True):
            env.update(zip(names, steps, strict=True))
            values.append(self.run(frame))
        env.update(zip(names, listed, strict=True))
        frame.spread = spread
        return frame.arithmetic.stack(values)
