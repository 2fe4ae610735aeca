"""Products that no recurrence touches: out of the loop, one product for all steps."""

from __future__ import annotations

from dataclasses import replace

from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.counts.walk import free_indices
from derivations.expressions import build
from derivations.expressions.nodes import Map, MapPartial, Variable
from derivations.expressions.traverse import (
    BINDERS,
    LEAVES,
    contains,
    occurrences,
    operands,
    with_operands,
)
from derivations.program.blocks import Loop
from derivations.program.rewrites.naming import Values, added
from derivations.program.schedule import Program
from derivations.program.values import Value


def hoist(program: Program) -> Values:
    """Parts of a loop's equations that hold products and read none of its values move out."""
    values = {name: replace(value) for name, value in program.values.items()}
    for block in program.blocks:
        if isinstance(block, Loop):
            for name in block.names:
                _Hoist(values, values[name], frozenset(block.names)).run()
    return values


class _Hoist:
    def __init__(self, values: Values, value: Value, members: frozenset[str]) -> None:
        self._values, self._value, self._members = values, value, members

    def run(self) -> None:
        whole = build.add(*(term.value for term in self._value.terms))
        changed = self._changed(whole, self._value.ranges)
        if changed != whole:
            self._value.terms = (replace(self._value.terms[0], value=changed),)

    def _changed(self, node: MatrixExpr, ranges: tuple[Range, ...]) -> MatrixExpr:
        if isinstance(node, LEAVES):
            return node
        if self._moves(node):
            return self._moved(node, ranges)
        if isinstance(node, MatAdd):
            return self._sum(node, ranges)
        if isinstance(node, MapPartial):
            return node
        inner = ranges
        if isinstance(node, BINDERS):
            inner = (*ranges, Range(node.index, node.lower, node.upper))
        parts = operands(node)
        changed = tuple(self._changed(part, inner) for part in parts)
        return node if changed == parts else with_operands(node, changed)

    def _sum(self, node: MatAdd, ranges: tuple[Range, ...]) -> MatrixExpr:
        """The terms that move, by the indices that they depend on; what is constant goes along."""
        groups: dict[frozenset[object], list[MatrixExpr]] = {}
        kept: list[MatrixExpr] = []
        for term in node.args:
            if self._free(term):
                groups.setdefault(free_indices(term), []).append(term)
            else:
                kept.append(self._changed(term, ranges))
        constant = groups.pop(frozenset(), [])
        if not any(self._moves(term) for terms in groups.values() for term in terms):
            parts = tuple(self._changed(term, ranges) for term in node.args)
            return node if parts == node.args else build.add(*parts)
        moving = [k for k, terms in groups.items() if any(map(self._moves, terms))]
        for key, terms in groups.items():
            if key not in moving:
                kept += terms
        for place, key in enumerate(moving):
            together = [*groups[key], *(constant if place == 0 else [])]
            kept.append(self._moved(build.add(*together), ranges))
        if not moving:
            kept += constant
        return build.add(*kept)

    def _free(self, node: MatrixExpr) -> bool:
        """Whether nothing of the loop is read."""
        return not any(use.leaf.name in self._members for use in occurrences(node))

    def _moves(self, node: MatrixExpr) -> bool:
        return self._free(node) and _has_product(node)

    def _moved(self, node: MatrixExpr, ranges: tuple[Range, ...]) -> MatrixExpr:
        role = self._value.role
        name = f"{self._value.name}_in"
        return added(self._values, name, node, ranges, role, self._value.batched)


def _has_product(node: MatrixExpr) -> bool:
    """Whether there is a product of a matrix, or a call of an arbitrary map."""
    if isinstance(node, Map):
        return True
    if isinstance(node, MapPartial):
        # A Jacobian is never formed, only applied; that of a scalar is its gradient.
        return build.is_scalar(node.map)
    if isinstance(node, MatMul) and any(_is_matrix(factor) for factor in operands(node)):
        return True
    return any(map(_has_product, operands(node)))


def _is_matrix(node: MatrixExpr) -> bool:
    return 1 not in node.shape and contains(node, Variable)
