"""Gradient clipping by norm and by value: laws, Jacobians, and what happens to the direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.clipping.sections import clipping

    return clipping(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "clipping",
    "Gradient clipping by norm and by value",
    "Mikolov 2012 (by value); Pascanu, Mikolov and Bengio 2013, section 3.2 (by norm)",
    _build,
)
