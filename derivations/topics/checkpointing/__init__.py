"""What backpropagation through time stores, and what checkpoints save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.checkpointing.sections import checkpointing

    return checkpointing(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "checkpointing",
    "Storage for backpropagation through time, with and without checkpoints",
    "Griewank 1992; Chen et al. 2016, section 4; Gruslys et al. 2016",
    _build,
)
