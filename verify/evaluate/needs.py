"""Which leaves an expression reads, found from the tree alone: before anything is evaluated."""

from __future__ import annotations

from sympy import Basic
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import (
    Adjoint,
    Jacobian,
    Tangent,
    TimeProduct,
    TimeSum,
    Variable,
)
from verify.evaluate.frame import Key, KeyFunction, Needs, leaf_key
from verify.evaluate.indices import Env, compile_integer

LEAVES = (Variable, Adjoint, Tangent, Jacobian)


def compile_needs(expr: MatrixExpr) -> Needs:
    """Lists the leaves of ``expr`` at the steps that the bindings give, binders included."""
    leaves, binders = _collect(expr)
    keys = list(leaves.values())
    loops = [_binder(node) for node in binders]

    def needs(env: Env, found: list[Key]) -> None:
        for key in keys:
            found.append(key(env))
        for loop in loops:
            loop(env, found)

    return needs


def _collect(expr: MatrixExpr) -> tuple[dict[Basic, KeyFunction], dict[Basic, None]]:
    """Leaves outside every binder, and the outermost binders; each once."""
    leaves: dict[Basic, KeyFunction] = {}
    binders: dict[Basic, None] = {}
    stack: list[Basic] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, LEAVES):
            if node not in leaves:
                leaves[node] = leaf_key(node)
        elif isinstance(node, TimeSum | TimeProduct):
            binders.setdefault(node)
        else:
            stack.extend(arg for arg in node.args if isinstance(arg, MatrixExpr))
    return leaves, binders


def _binder(node: TimeSum | TimeProduct) -> Needs:
    index, body = node.index, compile_needs(node.body)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    if index not in node.body.free_symbols:
        return _constant_body(body, node)

    def needs(env: Env, found: list[Key]) -> None:
        outer = env.get(index)
        for step in range(lower(env), upper(env) + 1):
            env[index] = step
            body(env, found)
        if outer is None:
            env.pop(index, None)
        else:
            env[index] = outer

    return needs


def _constant_body(body: Needs, node: TimeSum | TimeProduct) -> Needs:
    """A body without the index is read once, if at all."""
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)

    def needs(env: Env, found: list[Key]) -> None:
        if lower(env) <= upper(env):
            body(env, found)

    return needs
