"""Formulas as aligned lines: equal forms below each other, long sums one term a line."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.derivation import Formula
from derivations.render.domains import latex_domain, text_domain
from derivations.render.latex import latex, latex_terms
from derivations.render.latex_lines import cut
from derivations.render.style import Style
from derivations.render.text import text, text_terms

LATEX_WIDTH = 110
"""Source characters of a right side that still make one line."""
TEXT_WIDTH = 92


def latex_rows(formulas: Sequence[Formula], style: Style) -> str:
    """The rows of an ``align*`` or ``aligned``: two columns, and a third for the times."""
    rows: list[str] = []
    for formula in formulas:
        note = latex_domain(formula)
        opening = latex(formula.left, style) + " "
        for side in (*formula.via, formula.right):
            line = " ".join(latex_terms(side, style))
            first, *rest = [line] if len(line) <= LATEX_WIDTH else cut(side, style)
            rows.append(f"{opening}&= {first}" + (f" && {note}" if note else ""))
            rows.extend(rf"&\quad {term}" for term in rest)
            opening = note = ""
    return " \\\\\n".join(rows)


def text_lines(formula: Formula, style: Style) -> list[str]:
    """The lines of a formula in plain text, with the times behind the first."""
    note = text_domain(formula)
    opening = text(formula.left, style)
    margin = " " * len(opening)
    lines: list[str] = []
    for side in (*formula.via, formula.right):
        terms = text_terms(side, style)
        line = " ".join(terms)
        first, *rest = [line] if len(margin + line) <= TEXT_WIDTH else terms
        lines.append(f"{opening} = {first}" + (f"    ({note})" if note else ""))
        lines.extend(f"{margin}   {term}" for term in rest)
        opening, note = margin, ""
    return lines
