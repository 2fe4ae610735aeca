"""The whole derivation, section by section."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.topics._writing import assembled
from derivations.topics.residual_variance.branch import branch
from derivations.topics.residual_variance.depth import PER_LAYER, depth
from derivations.topics.residual_variance.growth import DEFINITIONS, growth


def residual_variance(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    return assembled(title, source, (growth(), branch(), depth()), (*DEFINITIONS, PER_LAYER))
