"""What a reader may choose about the look of an expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from derivations.cell import LOSS

AdjointLook = Literal["partial", "bar"]


@dataclass(frozen=True)
class Style:
    """Choices that every rule of a renderer is handed.

    Attributes:
        adjoint: ``partial`` prints ∂L/∂h_t, ``bar`` prints h̄_t; parameters always as ∂L/∂W.
        displays: canonical name → the name the user gave it; the loss is L unless named here.
    """

    adjoint: AdjointLook = "partial"
    displays: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Cheap, as what is printed is remembered by its style: a mapping has no hash."""
        return hash((self.adjoint, len(self.displays)))

    def display(self, name: str) -> str:
        """The name to print for a canonical name."""
        return self.displays.get(name, "L" if name == LOSS else name)

    @property
    def loss(self) -> str:
        """The name to print for the loss."""
        return self.display(LOSS)
