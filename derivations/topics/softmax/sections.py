"""The whole derivation, section by section."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.topics._writing import assembled
from derivations.topics.softmax.derivatives import (
    DEFINITIONS,
    cross_entropy,
    in_the_scores,
    in_the_temperature,
)
from derivations.topics.softmax.limits import ORDERED, conventions, ends, first_order


def softmax(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    sections = (
        conventions(),
        in_the_scores(),
        cross_entropy(),
        *in_the_temperature(),
        ends(),
        first_order(),
    )
    return assembled(title, source, sections, (*DEFINITIONS, ORDERED))
