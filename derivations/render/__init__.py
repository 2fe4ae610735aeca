"""Rendering: expressions, formulas and derivations in LaTeX, text, Markdown and JSON."""

from __future__ import annotations

from derivations.render.formats import FORMATS, render, render_formulas
from derivations.render.style import Style

__all__ = ["FORMATS", "Style", "render", "render_formulas"]
