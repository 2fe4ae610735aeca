"""What is measured where, and the curves that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Symbol

from derivations.cell import Cell
from derivations.typing.compile import Compiled
from verify.plots.weights import Arrays, Weights

Scale = Literal["decay", "plane", "rank"]
"""Sizes over time, points of the complex plane, or sizes by rank."""


@dataclass(frozen=True)
class Curve:
    """Points of one choice of weights; ``radius`` is ``None`` for weights taken as given."""

    radius: float | None
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """Curves over the same axes; labels are LaTeX between dollar signs."""

    scale: Scale
    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Setting:
    """Where everything is measured.

    Attributes:
        radii: spectral radii of the recurrent parameters; empty takes the weights as they are.
    """

    compiled: Compiled
    sizes: Mapping[Symbol, int]
    ends: Mapping[Symbol, int]
    seed: int
    radii: tuple[float, ...]
    given: Arrays = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.compiled.cell

    def weights(self, radius: float | None, recurrent: frozenset[str]) -> Weights:
        """The values of what no equation defines."""
        return Weights(self.cell, self.sizes, self.ends, self.seed, radius, recurrent, self.given)
