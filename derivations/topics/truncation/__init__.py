"""Truncated backpropagation through time: its exact error, and truncation at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.truncation.sections import truncation

    return truncation(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "truncation",
    "Truncated backpropagation through time",
    "Williams and Peng 1990; random truncation: Tallec and Ollivier 2017",
    _build,
)
