"""Affine maps of the same operands: gates W x + U h + b become one map with everything stacked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.reverse import selector
from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import nodes_in
from derivations.program.blocks import Loop
from derivations.program.rewrites.naming import Values, added
from derivations.program.rewrites.weights import is_weight, is_weighted
from derivations.program.schedule import Program
from derivations.program.values import Value


@dataclass(frozen=True)
class _Map:
    """The affine part of a value: weights by operand, the vectors added, and what is left."""

    value: Value
    weights: dict[MatrixExpr, MatrixExpr]
    biases: tuple[MatrixExpr, ...]
    rest: tuple[MatrixExpr, ...]


def affine(program: Program) -> Values:
    """Affine maps of one block that have all operands in common become one."""
    values = {name: replace(value) for name, value in program.values.items()}
    for block in program.blocks:
        if isinstance(block, Loop):
            groups: dict[tuple[object, ...], list[_Map]] = {}
            for name in block.names:
                found = _affine_part(values[name], values)
                if found is not None:
                    key = (frozenset(found.weights), len(found.biases), values[name].ranges)
                    groups.setdefault(key, []).append(found)
            for maps in groups.values():
                if len(maps) > 1:
                    _stack(values, maps)
    return values


def _affine_part(value: Value, values: Values) -> _Map | None:
    if any(term.domain for term in value.terms):
        return None
    whole = build.add(*(term.value for term in value.terms))
    if not isinstance(whole, MatAdd) or whole.shape[1] != 1:
        return None
    weights: dict[MatrixExpr, MatrixExpr] = {}
    biases: list[MatrixExpr] = []
    rest: list[MatrixExpr] = []
    for term in whole.args:
        if is_weighted(term, values) and term.args[1] not in weights:
            weights[term.args[1]] = term.args[0]
        elif isinstance(term, Variable) and is_weight(term, values):
            biases.append(term)
        else:
            rest.append(term)
    return _Map(value, weights, tuple(biases), tuple(rest)) if len(weights) > 1 else None


def _stack(values: Values, maps: list[_Map]) -> None:
    first = maps[0]
    order = list(values)
    maps = sorted(maps, key=lambda m: order.index(m.value.name))
    terms: list[MatrixExpr] = []
    for operand in first.weights:
        factors = [m.weights[operand] for m in maps]
        terms.append(MatMul(_stacked(values, factors, first.value), operand))
    for place in range(len(first.biases)):
        terms.append(_stacked(values, [m.biases[place] for m in maps], first.value))
    value = first.value
    leaf = added(values, f"{value.name}_all", build.add(*terms), value.ranges, value.role, True)
    heights = [m.value.target.shape[0] for m in maps]
    for k, m in enumerate(maps):
        rows = MatMul(selector(heights, k), leaf)
        m.value.terms = (replace(m.value.terms[0], value=build.add(rows, *m.rest)),)


def _stacked(values: Values, factors: list[MatrixExpr], owner: Value) -> Variable:
    node = build.blocks([[factor] for factor in factors])
    (name, *_) = sorted(leaf.name for leaf in nodes_in(factors[0], Variable))
    return added(values, f"{name}_all", node, (), owner.role, False)
