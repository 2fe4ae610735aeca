"""Spectral bounds on the products of Jacobians through time: when gradients vanish or explode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.spectral_bounds.sections import spectral_bounds

    return spectral_bounds(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "spectral-bounds",
    "Spectral bounds on gradients through time",
    "Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, section 2.1",
    _build,
)
