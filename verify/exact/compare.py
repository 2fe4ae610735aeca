"""Both sides of an identity at every index of its domain, in any number system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.expressions.nodes import Adjoint, Jacobian
from verify.arithmetic.base import Array
from verify.evaluate import Key, leaf_key
from verify.evaluate.indices import Env, UnboundIndex, compile_integer
from verify.exact.world import LOSS_KEY, World


@dataclass(frozen=True)
class Identity:
    """``left = right`` at every index of ``domain``."""

    left: MatrixExpr
    right: MatrixExpr
    domain: tuple[Range, ...] = ()


def bindings(domain: Sequence[Range], world: World) -> list[dict[Symbol, int]]:
    """Every choice of indices in the domain; a range may refer to an index of another one.

    Raises:
        UnboundIndex: a bound refers to an index that no range gives.
    """
    ends = {axis.index: axis.upper for axis in world.cell.axes}
    last = max(world.case.ends.values(), default=1)
    found: list[dict[Symbol, int]] = [{}]
    waiting = []
    for r in domain:
        if r.index not in world.env:
            waiting.append(r)
        elif world.env[r.index] not in _steps(r, world.env, world.env[r.index]):
            # A range of an end, T ≥ 2, says at which lengths the identity is claimed.
            return []
    while waiting:
        known = {*world.env, *found[0]} if found else set()
        ready = next((r for r in waiting if _symbols(r) <= known), None)
        if not found:
            return []
        if ready is None:
            raise UnboundIndex(waiting[0].index)
        waiting.remove(ready)
        end = world.case.ends.get(ends.get(ready.index), last)
        found = [
            {**one, ready.index: step}
            for one in found
            for step in _steps(ready, {**world.env, **one}, end)
            if one.get(ready.index, step) == step
        ]
    return found


def _symbols(r: Range) -> set[Symbol]:
    return r.lower.free_symbols | r.upper.free_symbols


def _steps(r: Range, env: Env, end: int) -> range:
    return range(_bound(r.lower, env, 1), _bound(r.upper, env, end) + 1)


def _bound(bound: Expr, env: Env, otherwise: int) -> int:
    """A bound; where the range is open, the end of the time axis."""
    return otherwise if bound in (oo, -oo) else compile_integer(bound)(env)


Sides = tuple[dict[Symbol, int], Array, Array]


def sides(world: World, identity: Identity) -> Iterator[Sides]:
    """(indices, left, right) at each index; derivatives of the left are taken by duals.

    An adjoint is compared along a direction, a Jacobian applied to one: a matrix that differs
    differs along almost every direction.
    """
    chosen = bindings(identity.domain, world)
    if isinstance(identity.left, Adjoint):
        yield from _gradient(world, identity, identity.left, chosen)
    elif isinstance(identity.left, Jacobian):
        yield from _jacobian(world, identity, identity.left, chosen)
    else:
        values = (world.each(side, chosen) for side in (identity.left, identity.right))
        yield from zip(chosen, *values, strict=True)


def _gradient(
    world: World, identity: Identity, left: Adjoint, chosen: list[dict[Symbol, int]]
) -> Iterator[Sides]:
    key_of = leaf_key(left.variable)
    keys = [key_of({**world.env, **one}) for one in chosen]
    shared = _shared(world, keys)
    values = world.each(identity.right, chosen)
    for one, key, value in zip(chosen, keys, values, strict=True):
        truth = world.tangent(LOSS_KEY, key, shared)
        yield one, _filled(world, truth, LOSS_KEY), world.along(key, value)


def _shared(world: World, keys: Sequence[Key]) -> tuple[Key, ...]:
    """Parameters share one pass, whichever is asked for first."""
    parameters = tuple(("variable", p.name) for p in world.cell.parameters)
    return parameters if set(keys) <= set(parameters) else tuple(dict.fromkeys(keys))


def _jacobian(
    world: World, identity: Identity, left: Jacobian, chosen: list[dict[Symbol, int]]
) -> Iterator[Sides]:
    above, below = leaf_key(left.numerator), leaf_key(left.denominator)
    envs = [{**world.env, **one} for one in chosen]
    wrt = tuple(below(env) for env in envs)
    values = world.each(identity.right, chosen)
    for one, env, value in zip(chosen, envs, values, strict=True):
        of, key = above(env), below(env)
        if left.immediate:
            truth = world.direct(of, key, world.direction(key))
        else:
            truth = world.tangent(of, key, wrt)
        vec, matmul = world.arithmetic.vec, world.arithmetic.matmul
        moved = matmul(value, vec(world.direction(key)))
        yield one, vec(_filled(world, truth, of)), moved


def _filled(world: World, value: Array | None, key: Key) -> Array:
    return world.arithmetic.zeros(*world.shape(key)) if value is None else value
