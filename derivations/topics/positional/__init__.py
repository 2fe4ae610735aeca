"""Sinusoidal positional encodings: the shift matrices, their group, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.positional.sections import positional

    return positional(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "positional",
    "Sinusoidal positional encodings and their shift matrices",
    "Vaswani et al. 2017, section 3.5; rotary embeddings: Su et al. 2021",
    _build,
)
