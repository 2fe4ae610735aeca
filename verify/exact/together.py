"""Many gradients in one pass: each compared summed over its indices, along a direction of its own.

The derivative of the loss along a shift of every ``v_t`` at once is Σ_t ⟨∂L/∂v_t, direction of
v_t⟩. Directions are independent, so the sum of claims agrees with it only if every claim is right,
but for the chance that the Schwartz–Zippel bound counts. One pass of duals with a direction for
each identity replaces a pass for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from derivations.expressions.nodes import Adjoint
from verify.arithmetic.base import Array
from verify.evaluate import Key, leaf_key
from verify.evaluate.indices import Env, UnboundIndex
from verify.exact.compare import Identity, bindings
from verify.exact.world import LOSS_KEY, World

_Places = list[tuple[Env, Key]]


class Together:
    """The gradients of a plan in one world.

    Args:
        world: where both sides are evaluated.
        plan: identities that will be asked for; those that are not about an adjoint, or speak of
            one variable twice, are left out.
    """

    def __init__(self, world: World, plan: Sequence[Identity]) -> None:
        self._world = world
        self._places: dict[Identity, _Places] = {}
        for identity in plan:
            if isinstance(identity.left, Adjoint):
                places = self._found(identity, identity.left)
                if places and len({key for _, key in places}) == len(places):
                    self._places[identity] = places

    def sides(self, identity: Identity) -> tuple[Array, Array] | None:
        """Truth and claim, both summed over all indices; ``None`` if it is not in the plan."""
        places = self._places.get(identity)
        if places is None:
            return None
        world = self._world
        claimed = None
        for one, key in places:
            term = world.along(key, world.claim(identity.right, one))
            claimed = term if claimed is None else world.arithmetic.add(claimed, term)
        position = list(self._places).index(identity)
        truth = world.setting.take(self._truths, position)
        return truth, claimed

    def _found(self, identity: Identity, left: Adjoint) -> _Places:
        key_of = leaf_key(left.variable)
        try:
            chosen = bindings(identity.domain, self._world)
        except UnboundIndex:
            return []
        return [(one, key_of({**self._world.env, **one})) for one in chosen]

    @cached_property
    def _truths(self) -> Array:
        """The derivative of the loss along each identity's direction, on the first axis."""
        world, count = self._world, len(self._places)
        tangents: dict[Key, Array] = {}
        for position, places in enumerate(self._places.values()):
            for _, key in places:
                spread = world.setting.spread(position, count, world.direction(key))
                known = tangents.get(key)
                tangents[key] = spread if known is None else world.arithmetic.add(known, spread)
        moved = world.slope(tangents)
        if moved is None:
            return world.setting.spread(0, count, world.arithmetic.zeros(*world.shape(LOSS_KEY)))
        return moved
