"""The whole derivation, section by section."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.topics._writing import assembled
from derivations.topics.truncation.randomized import DEFINITIONS, randomized
from derivations.topics.truncation.window import KEPT, WHOLE, recursion, unbounded, window


def truncation(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    sections = (recursion(), window(), unbounded(), randomized())
    return assembled(title, source, sections, (WHOLE, KEPT, *DEFINITIONS))
