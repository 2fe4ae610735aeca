"""The derivatives of a whole plan in one pass of duals.

A gradient is compared summed over its indices, along a direction of its own: the derivative of the
loss along a shift of every ``v_t`` at once is Σ_t ⟨∂L/∂v_t, direction of v_t⟩. Directions are
independent, so the sum of claims agrees with it only if every claim is right, but for the chance
that the Schwartz–Zippel bound counts. What Jacobians are taken by moves in the same pass, each
variable on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Adjoint, Jacobian
from verify.arithmetic.base import Array
from verify.evaluate import Key, System, leaf_key
from verify.evaluate.indices import UnboundIndex
from verify.exact.compare import Identity, bindings
from verify.exact.world import LOSS_KEY, World


class _Place(NamedTuple):
    """Indices of an identity, and what its derivative is of and by there."""

    indices: dict[Symbol, int]
    above: Key
    below: Key


_Places = list[_Place]


class Together:
    """The derivatives of a plan in one world.

    Args:
        world: where both sides are evaluated.
        plan: identities that will be asked for; those that speak of one variable twice are left
            out.
    """

    def __init__(self, world: World, plan: Sequence[Identity]) -> None:
        self._world = world
        self._places: dict[Identity, _Places] = {}
        for identity in plan:
            places = self._found(identity)
            if places and _distinct(identity, places):
                self._places[identity] = places

    def sides(self, identity: Identity) -> tuple[Array, Array] | None:
        """Truth and claim over all indices; ``None`` if the identity is not one of the plan.

        A gradient is summed; what a Jacobian does to directions is in one column.
        """
        places = self._places.get(identity)
        if places is None:
            return None
        gradient = isinstance(identity.left, Adjoint)
        return self._gradient(identity, places) if gradient else self._jacobian(identity, places)

    def _gradient(self, identity: Identity, places: _Places) -> tuple[Array, Array]:
        world, arithmetic = self._world, self._world.arithmetic
        truth = world.taken(self._system, LOSS_KEY, self._position[identity])
        directions = arithmetic.stack([world.direction(place.below) for place in places])
        claimed = world.claims(identity.right, [place.indices for place in places])
        row = arithmetic.transpose(arithmetic.vec(claimed))
        products = arithmetic.matmul(row, arithmetic.vec(directions))
        zero = arithmetic.zeros(1, 1)
        return (zero if truth is None else truth), reduce(arithmetic.add, products)

    def _jacobian(self, identity: Identity, places: _Places) -> tuple[Array, Array]:
        world, arithmetic = self._world, self._world.arithmetic
        vec = arithmetic.vec
        truths = []
        for place in places:
            truth = self._moved(identity.left, place)
            zeros = arithmetic.zeros(*world.shape(place.above))
            truths.append(vec(zeros if truth is None else truth))
        directions = arithmetic.stack([vec(world.direction(place.below)) for place in places])
        claimed = world.claims(identity.right, [place.indices for place in places])
        return _column(arithmetic.stack(truths)), _column(arithmetic.matmul(claimed, directions))

    def _moved(self, left: MatrixExpr, place: _Place) -> Array | None:
        world = self._world
        if left.immediate:
            return world.direct(place.above, place.below, world.direction(place.below))
        return world.tangent(place.above, place.below) if self._system else None

    def _found(self, identity: Identity) -> _Places:
        """Where an identity speaks of a derivative; nowhere if it speaks of none."""
        left = identity.left
        if not isinstance(left, Adjoint | Jacobian):
            return []
        pair = isinstance(left, Jacobian)
        above = leaf_key(left.numerator) if pair else lambda env: LOSS_KEY
        below = leaf_key(left.denominator if pair else left.variable)
        try:
            chosen = bindings(identity.domain, self._world)
        except UnboundIndex:
            return []
        envs = [{**self._world.env, **one} for one in chosen]
        return [_Place(one, above(env), below(env)) for one, env in zip(chosen, envs, strict=True)]

    @cached_property
    def _gradients(self) -> list[Identity]:
        return [i for i in self._places if isinstance(i.left, Adjoint)]

    @cached_property
    def _position(self) -> dict[Identity, int]:
        return {identity: position for position, identity in enumerate(self._gradients)}

    @cached_property
    def _system(self) -> System:
        """A direction for each gradient, then one for each variable a Jacobian is taken by."""
        groups = [[place.below for place in self._places[i]] for i in self._gradients]
        totals = [i for i in self._places if isinstance(i.left, Jacobian) and not i.left.immediate]
        alone = [place.below for identity in totals for place in self._places[identity]]
        return self._world.move(groups, dict.fromkeys(alone))


def _distinct(identity: Identity, places: _Places) -> bool:
    """Whether the sum over the indices tells them apart; Jacobians are not summed."""
    together = isinstance(identity.left, Adjoint)
    return not together or len({place.below for place in places}) == len(places)


def _column(values: Array) -> Array:
    """(indices, trials, rows, 1) as (trials, indices · rows, 1)."""
    moved = np.moveaxis(values, 0, -3)
    return moved.reshape(*moved.shape[:-3], -1, 1)
