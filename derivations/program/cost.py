"""What a program takes: multiply-adds of each block, how many steps run one after the other.

Operations are counted by the rules of ``derivations.counts``; a value that a block names twice is
computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.counts.formula import Count
from derivations.counts.operations import work
from derivations.counts.products import entries
from derivations.expressions.nodes import MapPartial, TimeSum
from derivations.expressions.traverse import LEAVES, operands
from derivations.program.schedule import Block, Loop, Sweeps, steps_in
from derivations.program.values import Value


@dataclass(frozen=True)
class Cost:
    """What one block takes, for one example.

    Attributes:
        names: the values that it computes.
        steps: how often it runs one after the other.
        multiply_adds, functions: in all.
        stored: numbers that it hands on.
    """

    names: tuple[str, ...]
    steps: Expr
    multiply_adds: Count
    functions: Count
    stored: Count


def costs(blocks: Iterable[Block], values: Mapping[str, Value], kept: Sequence[str]) -> list[Cost]:
    """What each block takes.

    Args:
        kept: the values of loops that are stored.
    """
    return [_cost(block, values, kept) for block in blocks]


def _cost(block: Block, values: Mapping[str, Value], kept: Sequence[str]) -> Cost:
    seen: set[MatrixExpr] = set()
    adds: list[Expr] = []
    functions: list[Expr] = []
    stored: list[Expr] = []
    for name in block.names:
        value = values[name]
        times = _product(steps_in(r) for r in value.ranges)
        if isinstance(block, Sweeps):
            times *= block.times
        for term in value.terms:
            _count(term.value, times, seen, adds, functions)
        if not isinstance(block, Loop) or name in kept:
            stored.append(_product(steps_in(r) for r in value.ranges) * entries(value.target))
    return Cost(block.names, _depth(block), *map(Count.sorted, (adds, functions, stored)))


def _depth(block: Block) -> Expr:
    """How many steps run one after the other."""
    if isinstance(block, Loop):
        return steps_in(block.over)
    return Integer(block.times if isinstance(block, Sweeps) else 1)


def _count(
    node: MatrixExpr,
    times: Expr,
    seen: set[MatrixExpr],
    adds: list[Expr],
    functions: list[Expr],
) -> None:
    if node in seen or isinstance(node, LEAVES):
        return
    seen.add(node)
    own = work(node)
    inner = times
    if isinstance(node, TimeSum):
        inner = times * (node.upper - node.lower + 1)
    turns = inner if isinstance(node, TimeSum) else times
    adds.append((own.multiply_adds * turns).expand())
    functions.append((own.functions * turns).expand())
    for part in operands(node.map if isinstance(node, MapPartial) else node):
        _count(part, inner, seen, adds, functions)


def _product(factors: Iterable[Expr]) -> Expr:
    found: Expr = Integer(1)
    for factor in factors:
        found *= factor
    return found
