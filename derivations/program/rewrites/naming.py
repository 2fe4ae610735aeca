"""Values that a rewrite adds: names that nothing else has, steps that the expression depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.counts.walk import free_indices
from derivations.expressions.nodes import MapPartial, Variable
from derivations.expressions.traverse import nodes_in, operands, with_operands
from derivations.program.values import Role, Term, Value

Values = dict[str, Value]


def fresh(values: Mapping[str, Value], name: str) -> str:
    """The name, or the first of ``name_2``, ``name_3``, … that is free."""
    chosen, count = name, 1
    while chosen in values:
        count += 1
        chosen = f"{name}_{count}"
    return chosen


def added(
    values: Values, name: str, node: MatrixExpr, ranges: Iterable[Range], role: Role, batched: bool
) -> Variable:
    """A new value for an expression, over those of the ranges that it depends on; its leaf."""
    free = free_indices(node)
    over = tuple(r for r in ranges if r.index in free)
    target = Variable(fresh(values, name), [r.index for r in over], *node.shape)
    batched = batched and any(values[v.name].batched for v in nodes_in(node, Variable))
    value = Value(target, over, role, (Term(node),), batched=batched or bool(over))
    value.origin = value.name
    values[value.name] = value
    return target


def parts_of(node: MatrixExpr) -> tuple[MatrixExpr, ...]:
    """What an expression is computed from; the derivative of a map is taken at its arguments."""
    return operands(node.map) if isinstance(node, MapPartial) else operands(node)


def with_parts(node: MatrixExpr, parts: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """The same expression of other parts."""
    if isinstance(node, MapPartial):
        return MapPartial(node.slot, with_operands(node.map, parts))
    return with_operands(node, parts)
