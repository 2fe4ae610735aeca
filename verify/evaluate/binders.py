"""Sums and ordered products over a time index, as loops over the body's closure."""

from __future__ import annotations

from itertools import count

from sympy import Symbol

from derivations.expressions.nodes import TimeProduct, TimeSum
from verify.arithmetic.base import Array
from verify.evaluate.frame import Frame, Run
from verify.evaluate.indices import compile_integer

_IDENTITY_OF_NODE = count()


def time_sum(node: TimeSum, body: Run) -> Run:
    """Σ body; the empty sum is zero."""
    index = node.index
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    rows, cols = (compile_integer(extent) for extent in node.shape)

    def run(frame: Frame) -> Array:
        env, add = frame.env, frame.arithmetic.add
        outer = env.get(index)
        total = None
        for step in range(lower(env), upper(env) + 1):
            env[index] = step
            term = body(frame)
            total = term if total is None else add(total, term)
        _restore(frame, index, outer)
        return frame.arithmetic.zeros(rows(env), cols(env)) if total is None else total

    return run


def time_product(node: TimeProduct, body: Run) -> Run:
    """∏ body in the stated order; the empty product is the identity.

    A factor that depends on the index alone recurs in every product of a nested sum, so the
    frame keeps it: T factors instead of T²/2.
    """
    index, descending, node_id = node.index, node.descending, next(_IDENTITY_OF_NODE)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    size = compile_integer(node.shape[0])
    free = tuple(sorted(node.body.free_symbols, key=str))

    def run(frame: Frame) -> Array:
        env, matmul, bodies = frame.env, frame.arithmetic.matmul, frame.bodies
        outer = env.get(index)
        total = None
        for step in range(lower(env), upper(env) + 1):
            env[index] = step
            key = (node_id, *[env.get(symbol) for symbol in free])
            factor = bodies.get(key)
            if factor is None:
                factor = bodies[key] = body(frame)
            if total is None:
                total = factor
            else:
                total = matmul(factor, total) if descending else matmul(total, factor)
        _restore(frame, index, outer)
        return frame.arithmetic.identity(size(env)) if total is None else total

    return run


def _restore(frame: Frame, index: Symbol, outer: int | None) -> None:
    """Gives ``index`` the value it had outside the loop."""
    if outer is None:
        frame.env.pop(index, None)
    else:
        frame.env[index] = outer
