"""Sums and ordered products over a time index, as loops over the body's closure."""

from __future__ import annotations

from sympy import Symbol

from derivations.expressions.nodes import TimeProduct, TimeSum
from verify.arithmetic.base import Array
from verify.evaluate.frame import Frame, Run, bindings_of, mark
from verify.evaluate.indices import compile_integer


def time_sum(node: TimeSum, body: Run) -> Run:
    """Σ body; the empty sum is zero. The frame keeps it for the bindings it depends on."""
    index, node_id = node.index, mark(node)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    rows, cols = (compile_integer(extent) for extent in node.shape)
    free = bindings_of(node)

    def run(frame: Frame) -> Array:
        env, add = frame.env, frame.arithmetic.add
        key = (node_id, *[env.get(symbol) for symbol in free])
        if key in frame.bodies:
            return frame.bodies[key]
        outer = env.get(index)
        total = None
        for step in range(lower(env), upper(env) + 1):
            env[index] = step
            term = body(frame)
            total = term if total is None else add(total, term)
        _restore(frame, index, outer)
        if total is None:
            total = frame.arithmetic.zeros(rows(env), cols(env))
        frame.bodies[key] = total
        return total

    return run


def time_product(node: TimeProduct, body: Run) -> Run:
    """∏ body in the stated order; the empty product is the identity.

    A factor recurs in every product of a nested sum, and a product is the one before it with one
    factor more; the frame keeps both: T²/2 multiplications instead of T³/6.
    """
    index, descending, node_id = node.index, node.descending, mark(node.body)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    size = compile_integer(node.shape[0])
    free = bindings_of(node.body, index)

    def run(frame: Frame) -> Array:
        env, matmul, bodies = frame.env, frame.arithmetic.matmul, frame.bodies
        first, last = lower(env), upper(env)
        if last < first:
            return frame.arithmetic.identity(size(env))
        state = (node_id, descending, *[env.get(symbol) for symbol in free])
        outer = env.get(index)
        start = last
        while start >= first and (*state, first, start) not in bodies:
            start -= 1
        total = bodies[(*state, first, start)] if start >= first else None
        for step in range(start + 1, last + 1):
            factor = bodies.get((*state, step))
            if factor is None:
                env[index] = step
                factor = bodies[(*state, step)] = body(frame)
            if total is None:
                total = factor
            else:
                total = matmul(factor, total) if descending else matmul(total, factor)
            bodies[(*state, first, step)] = total
        _restore(frame, index, outer)
        return total

    return run


def _restore(frame: Frame, index: Symbol, outer: int | None) -> None:
    """Gives ``index`` the value it had outside the loop."""
    if outer is None:
        frame.env.pop(index, None)
    else:
        frame.env[index] = outer
