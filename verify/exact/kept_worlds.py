"""A few worlds of one cell, kept from claim to claim: what was computed there stays known."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from verify.exact.world import World

MOST_WORLDS = 24
"""Worlds kept: the smallest cases come first for every claim."""
MOST_VALUES = 4_000
"""Values after which a world is made anew, so that memory stays flat."""


class KeptWorlds:
    """Worlds by what tells them apart; the one that was not asked for longest goes first."""

    def __init__(self) -> None:
        self._worlds: OrderedDict[Hashable, World] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], World]) -> World:
        """The world under a key, made where there is none yet."""
        found = self._worlds.get(key)
        if found is None or len(found.system.frame.values) > MOST_VALUES:
            found = self._worlds[key] = make()
        self._worlds.move_to_end(key)
        while len(self._worlds) > MOST_WORLDS:
            self._worlds.popitem(last=False)
        return found
