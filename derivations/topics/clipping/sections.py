"""The whole derivation, section by section."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.topics._writing import assembled
from derivations.topics.clipping import by_norm, by_value


def clipping(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    sections = (
        by_norm.threshold(),
        by_norm.by_norm(),
        by_norm.norm_jacobian(),
        by_value.by_value(),
        by_value.direction(),
    )
    definitions = (
        by_norm.THRESHOLD,
        by_norm.NORM,
        by_norm.CLIPPED,
        by_norm.OTHER,
        by_value.CLIPPED,
        by_value.OTHER,
        by_value.LONGER,
    )
    return assembled(title, source, sections, definitions)
