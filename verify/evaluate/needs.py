"""Which leaves an expression reads, found from the tree alone: before anything is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Basic
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import DirectSum, TimeProduct, TimeSum
from derivations.expressions.traverse import BINDERS, LEAVES
from verify.evaluate.frame import Key, KeyFunction, Needs, Visited, bindings_of, leaf_key, mark
from verify.evaluate.indices import Env, compile_integer

Binder = TimeSum | TimeProduct | DirectSum
Loop = Callable[[Env, list[Key], Visited], None]


def compile_needs(expr: MatrixExpr) -> Needs:
    """Lists the leaves of ``expr`` at the steps that the bindings give, binders included."""
    inner = _compile(expr)

    def needs(env: Env, found: list[Key], visited: Visited | None = None) -> None:
        inner(env, found, {} if visited is None else visited)

    return needs


@lru_cache(maxsize=1 << 12)
def _compile(expr: MatrixExpr) -> Loop:
    leaves, binders = _collect(expr)
    keys = list(leaves.values())
    loops = [_binder(node) for node in binders]

    def needs(env: Env, found: list[Key], visited: Visited) -> None:
        for key in keys:
            found.append(key(env))
        for loop in loops:
            loop(env, found, visited)

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
        elif isinstance(node, BINDERS):
            binders.setdefault(node)
        else:
            stack.extend(arg for arg in node.args if isinstance(arg, MatrixExpr))
    return leaves, binders


def _binder(node: Binder) -> Loop:
    """The leaves of the body at every step, each step visited once for the same other bindings.

    A factor of a product in a nested sum is met T²/2 times but reads only T sets of leaves.
    """
    index, body, name = node.index, _compile(node.body), mark(node.body)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)
    others = bindings_of(node.body, index)

    def needs(env: Env, found: list[Key], visited: Visited) -> None:
        outer = env.get(index)
        seen = visited.setdefault((name, *[env.get(symbol) for symbol in others]), set())
        for step in range(lower(env), upper(env) + 1):
            if step not in seen:
                seen.add(step)
                env[index] = step
                body(env, found, visited)
        if outer is None:
            env.pop(index, None)
        else:
            env[index] = outer

    return needs
