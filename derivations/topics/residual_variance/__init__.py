"""The variance along a stack of residual layers, and what the initialization makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.topics import Topic

if TYPE_CHECKING:
    from derivations.derivation import Derivation


def _build() -> Derivation:
    from derivations.topics.residual_variance.sections import residual_variance

    return residual_variance(TOPIC.title, TOPIC.source)


TOPIC = Topic(
    "residual-variance",
    "Variance along a residual stack",
    "He et al. 2015, section 2.2; He et al. 2016; Zhang, Dauphin and Ma 2019",
    _build,
)
