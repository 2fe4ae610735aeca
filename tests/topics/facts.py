"""What a topic says, in the text language."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.render.style import Style
from derivations.render.text import text


def said(derivation: Derivation) -> list[str]:
    """Every formula without its middle forms, printed from its objects."""
    style = Style(displays=derivation.cell.displays)
    return [
        f"{text(f.left, style)} {f.relation} {text(f.right, style)}" for f in derivation.formulas
    ]
