"""Softmax with a temperature: its limits, its derivatives, and its gradient under cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.softmax.sections import softmax

    return softmax(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "softmax",
    "Softmax with a temperature",
    "Bridle 1990; Hinton, Vinyals and Dean 2015, section 2 (temperature)",
    _build,
)
