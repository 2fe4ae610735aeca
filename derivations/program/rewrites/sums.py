"""Gradients of weights: added up step by step, or one product of all steps after the loop.

The reverse sweep of a loop, taken literally, adds the part of every step to the gradient of a
weight: D_t = D_{t+1} + δ_t v_tᵀ. What is added reads no D, so the loop leaves Σ δ_t v_tᵀ, which is
one product of matrices with as many columns as there are steps.
"""

from __future__ import annotations

from dataclasses import replace

from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.counts.walk import free_indices
from derivations.expressions import build
from derivations.expressions.nodes import TimeSum, Variable
from derivations.expressions.traverse import occurrences, substitute
from derivations.program.blocks import Loop
from derivations.program.rewrites.naming import Values, fresh
from derivations.program.schedule import Program
from derivations.program.values import Term, Value


def step_by_step(program: Program) -> Values:
    """Sums over the steps of a backward loop as values that the loop adds to."""
    values = {name: replace(value) for name, value in program.values.items()}
    for value in [*values.values()]:
        over = _looped(value, program)
        if over is None:
            continue
        node = value.terms[0].value
        index = over.index
        body = substitute(node.body, {node.index: index})
        target = Variable(fresh(values, f"{value.name}_sum"), (index,), *value.target.shape)
        before = target.at([index + 1])
        values[target.name] = Value(
            target, (over,), "adjoint", (Term(build.add(before, body)),),
            {(0, (over.upper + 1).expand()): None}, False, target.name,
        )  # fmt: skip
        value.terms = (replace(value.terms[0], value=target.at([over.lower])),)
    return values


def after_the_loop(program: Program) -> Values:
    """Values that a loop only adds to are sums after it."""
    values = {name: replace(value) for name, value in program.values.items()}
    for value in [*values.values()]:
        leaf = value.terms[0].value if len(value.terms) == 1 else None
        source = values.get(leaf.name) if isinstance(leaf, Variable) else None
        if source is None or not _only_adds(source):
            continue
        (over,) = source.ranges
        before = source.target.at([over.index + 1])
        added = [part for part in source.terms[0].value.args if part != before]
        whole = TimeSum(build.add(*added), over.index, over.lower, over.upper)
        value.terms = (replace(value.terms[0], value=whole),)
    return values


def _looped(value: Value, program: Program) -> Range | None:
    """The steps of the backward loop whose values a gradient is a sum of."""
    if value.role != "adjoint" or value.ranges or value.batched or len(value.terms) != 1:
        return None
    node = value.terms[0].value
    if not isinstance(node, TimeSum) or value.terms[0].domain or free_indices(node) - _ends(node):
        return None
    for use in occurrences(node.body):
        block = program.block_of.get(use.leaf.name)
        if isinstance(block, Loop) and not block.forward and not use.binders:
            own = program.values[use.leaf.name].ranges
            if len(own) == 1 and (own[0].lower, own[0].upper) == (node.lower, node.upper):
                return own[0]
    return None


def _ends(node: MatrixExpr) -> set[object]:
    return {*node.lower.free_symbols, *node.upper.free_symbols}


def _only_adds(value: Value) -> bool:
    """Whether each step adds something to what the next one has, and reads it no other way."""
    if value.role != "adjoint" or value.batched or len(value.ranges) != 1 or len(value.terms) != 1:
        return False
    node = value.terms[0].value
    own = [use.leaf for use in occurrences(node) if use.leaf.name == value.name]
    before = value.target.at([value.ranges[0].index + 1])
    return isinstance(node, MatAdd) and own == [before] and before in node.args
