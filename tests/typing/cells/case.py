"""A cell in both notations, and what typing it must find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A cell: its text, the same in LaTeX, and the shapes expected (``h:n W:n,n``)."""

    text: str
    latex: str
    shapes: str
    axes: str = "t:T"
