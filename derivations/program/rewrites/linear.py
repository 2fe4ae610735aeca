"""Recurrences whose steps multiply entry by entry: s_t = a_t ⊙ s_{t−1} + b_t, with a and b apart.

Such a step is one pair (a, b), and two steps are one pair again, so all of them are found in
log T rounds. What else the loop computes reads s at the step before and leaves the loop.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import Diag, Scale, Variable
from derivations.expressions.traverse import (
    BINDERS,
    LEAVES,
    occurrences,
    operands,
    with_operands,
)
from derivations.program.blocks import Block, Doubling, Loop
from derivations.program.rewrites.naming import Values, added
from derivations.program.schedule import Program
from derivations.program.values import Value

Line = tuple[MatrixExpr | None, MatrixExpr | None]
"""a and b of a ⊙ s + b; ``None`` for zero."""


def linear(program: Program) -> Values:
    """Loops with one linear state: what multiplies it and what is added are values of their own."""
    values = {name: replace(value) for name, value in program.values.items()}
    for block in program.blocks:
        if isinstance(block, Loop):
            _isolate(block, values)
    return values


def doubled(program: Program) -> Program:
    """The program with loops of one linear state found by doubling."""
    return replace(program, blocks=tuple(_block(b, program) for b in program.blocks))


def _block(block: Block, program: Program) -> Block:
    if not isinstance(block, Loop) or len(block.names) > 1:
        return block
    value = program.values[block.names[0]]
    previous = _previous(value, block)
    node = value.terms[0].value if len(value.terms) == 1 else None
    if not isinstance(node, MatAdd) or len(node.args) != 2 or previous is None:
        return block
    products = [part for part in node.args if isinstance(part, HadamardProduct)]
    pluses = [part for part in node.args if _is_array(part, value)]
    if len(products) != 1 or len(pluses) != 1 or not value.batched:
        return block
    factors = [factor for factor in products[0].args if factor != previous]
    if len(products[0].args) != 2 or len(factors) != 1 or not _is_array(factors[0], value):
        return block
    return Doubling(value.name, factors[0].name, pluses[0].name, block.over, block.forward)


def _is_array(node: MatrixExpr, value: Value) -> bool:
    """Whether a node is another value at the same step."""
    same = isinstance(node, Variable) and node.steps == value.target.steps
    return same and node.name != value.name


def _previous(value: Value, block: Loop) -> Variable | None:
    """The state at the step before, for a state that has time as its only axis."""
    if len(value.ranges) != 1 or block.delays != {value.name: 1}:
        return None
    return value.target.at([block.index - 1 if block.forward else block.index + 1])


def _isolate(block: Loop, values: Values) -> None:
    if len(block.delays) != 1:
        return
    (name,) = block.delays
    value = values[name]
    previous = _previous(value, block)
    if not value.batched:
        return  # a sum over the batch and the steps, which never is one
    if previous is None or any(values[n].ranges != value.ranges for n in block.names):
        return
    own = {n: build.add(*(t.value for t in values[n].terms)) for n in block.names}
    found = _line(_inlined(own[name], name, own, values), previous)
    if found is None or found[0] is None:
        return
    by, plus = found[0], found[1] or build.zeros(value.target.shape)
    leaves = [added(values, f"{name}_{end}", node, value.ranges, value.role, value.batched)
              for end, node in (("by", by), ("plus", plus))]  # fmt: skip
    for k, leaf in enumerate(leaves):
        # An array over all steps, even where a parameter stands at each of them.
        whole = Variable(leaf.name, value.target.steps, *value.target.shape)
        values[leaf.name] = replace(
            values[leaf.name], target=whole, ranges=value.ranges, batched=value.batched
        )
        leaves[k] = whole
    term = build.add(HadamardProduct(leaves[0], previous), leaves[1])
    value.terms = (replace(value.terms[0], value=term),)


def _inlined(
    node: MatrixExpr, state: str, own: dict[str, MatrixExpr], values: Values
) -> MatrixExpr:
    """An expression of the state alone: what this step computes besides is put in."""
    if isinstance(node, Variable):
        inner = node.name in own and node.steps == values[node.name].target.steps
        return _inlined(own[node.name], state, own, values) if inner else node
    if isinstance(node, LEAVES):
        return node
    parts = operands(node)
    return with_operands(node, tuple(_inlined(part, state, own, values) for part in parts))


def _line(node: MatrixExpr, state: Variable) -> Line | None:
    """a and b of an expression that is a ⊙ s + b; ``None`` where it is something else."""
    if node == state:
        return build.ones(*state.shape), None
    if not any(use.leaf.name == state.name for use in occurrences(node)):
        return None, node
    if isinstance(node, BINDERS):
        return None
    if isinstance(node, MatAdd):
        lines = [_line(part, state) for part in node.args]
        if any(line is None for line in lines):
            return None
        return _sum([line[0] for line in lines if line]), _sum([line[1] for line in lines if line])
    if isinstance(node, HadamardProduct):
        return _times(list(node.args), state)
    if isinstance(node, Scale):
        line = _line(node.matrix, state)
        if line is None or _reads(node.scalar, state):
            return None
        a, b = (None if x is None else build.scale(node.scalar, x) for x in line)
        return a, b
    if isinstance(node, MatMul) and len(node.args) == 2 and isinstance(node.args[0], Diag):
        return _times([node.args[0].vector, node.args[1]], state)
    return None


def _times(factors: list[MatrixExpr], state: Variable) -> Line | None:
    moving = [factor for factor in factors if _reads(factor, state)]
    if len(moving) != 1 or any(factor.shape != state.shape for factor in factors):
        return None
    line = _line(moving[0], state)
    fixed = [factor for factor in factors if factor is not moving[0]]
    if line is None:
        return None
    a, b = (None if x is None else reduce(build.hadamard, fixed, x) for x in line)
    return a, b


def _reads(node: MatrixExpr, state: Variable) -> bool:
    return any(use.leaf.name == state.name for use in occurrences(node))


def _sum(parts: list[MatrixExpr | None]) -> MatrixExpr | None:
    found = [part for part in parts if part is not None]
    return build.add(*found) if found else None
