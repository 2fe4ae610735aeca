"""The whole derivation, section by section."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.topics._writing import assembled
from derivations.topics.spectral_bounds.beliefs import entries, factors, one_sigmoid
from derivations.topics.spectral_bounds.bounds import rules, theorems, with_gamma


def spectral_bounds(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    sections = (rules(), theorems(), with_gamma(), one_sigmoid(), entries(), factors())
    return assembled(title, source, sections, ())
