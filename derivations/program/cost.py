"""What a program takes: multiply-adds of each block, how many steps run one after the other.

Operations are counted by the rules of ``derivations.counts``; a value that a block names twice is
computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.counts.formula import Count
from derivations.counts.operations import work
from derivations.counts.products import entries
from derivations.expressions.nodes import MapPartial, TimeSum
from derivations.expressions.traverse import LEAVES, operands
from derivations.program.blocks import Block, Choice, Joined, Loop, Sweeps
from derivations.program.schedule import steps_in
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


ROUNDS = Symbol("rounds")
"""How many rounds of joining neighbours there are."""


@dataclass(frozen=True)
class Joining:
    """What the joined form of a loop takes, for one example.

    Attributes:
        multiply_adds: in all; those of products of matrices may be per round instead of per step.
        products: how many products of two matrices, or of one and a column, stand by themselves.
        matrices: numbers that the matrices of all steps have.
    """

    multiply_adds: Count
    products: Expr
    matrices: Expr


def joining(choice: Choice) -> Joining:
    """What the joined form of a loop takes.

    Joining T steps two by two, then the pairs, and so on, multiplies T matrices; going back, each
    state is found from one that is known. Where the same matrix stands at every step, it is squared
    once a round.
    """
    adds: list[Expr] = []
    matrices, products = Integer(0), Integer(0)
    for block in choice.joined:
        if not isinstance(block, Joined):
            adds.append(_cost(block, choice.values, ()).multiply_adds.total)
            continue
        steps, size = steps_in(block.over), block.size
        each = bool(choice.values[block.by].ranges)
        adds += [(steps if each else ROUNDS) * size**3, 2 * steps * size**2]
        matrices = (steps if each else Integer(1)) * size**2
        products = steps if each else Integer(0)
    return Joining(Count.sorted(adds), products, matrices)


def _cost(block: Block, values: Mapping[str, Value], kept: Sequence[str]) -> Cost:
    if isinstance(block, Choice):
        block = block.loop
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
