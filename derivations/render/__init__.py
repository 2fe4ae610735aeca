"""Rendering: expressions, formulas and derivations in LaTeX, text, Markdown and JSON.

The formats load on first use: a report needs one renderer, not all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.render.formats import FORMATS, render, render_formulas
    from derivations.render.style import Style

__all__ = ["FORMATS", "Style", "render", "render_formulas"]

_HOMES = {"FORMATS": "formats", "Style": "style", "render": "formats", "render_formulas": "formats"}


def __getattr__(name: str) -> object:
    """Load what is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
