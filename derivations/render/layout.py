"""Formulas as aligned lines: equal forms below each other, long sums one term a line."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.derivation import Formula
from derivations.render.latex import latex, latex_terms
from derivations.render.latex_lines import cut
from derivations.render.relations import (
    LATEX_SIGNS,
    latex_conditions,
    latex_note,
    text_conditions,
    text_note,
)
from derivations.render.style import Style
from derivations.render.text import text, text_terms

LATEX_WIDTH = 110
"""Source characters of a right side that still make one line."""
TEXT_WIDTH = 92


def latex_rows(formulas: Sequence[Formula], style: Style) -> str:
    """The rows of an ``align*`` or ``aligned``: two columns, and a third for the times."""
    rows: list[str] = []
    for formula in formulas:
        note = latex_note(formula, style)
        opening = latex(formula.left, style) + " "
        for side in (*formula.via, formula.right):
            sign = LATEX_SIGNS[formula.relation if side is formula.right else "="]
            line = " ".join(latex_terms(side, style))
            first, *rest = [line] if len(line) <= LATEX_WIDTH else cut(side, style)
            rows.append(f"{opening}&{sign} {first}" + (f" && {note}" if note else ""))
            rows.extend(rf"&\quad {term}" for term in rest)
            opening = note = ""
        rows.extend(rf"&\quad {condition}" for condition in latex_conditions(formula, style))
    return " \\\\\n".join(rows)


def text_lines(formula: Formula, style: Style) -> list[str]:
    """The lines of a formula in plain text, with the times behind the first."""
    note = text_note(formula, style)
    opening = text(formula.left, style)
    margin = " " * len(opening)
    lines: list[str] = []
    for side in (*formula.via, formula.right):
        sign = formula.relation if side is formula.right else "="
        terms = text_terms(side, style)
        line = " ".join(terms)
        first, *rest = [line] if len(margin + line) <= TEXT_WIDTH else terms
        lines.append(f"{opening} {sign} {first}" + (f"    ({note})" if note else ""))
        lines.extend(f"{margin}   {term}" for term in rest)
        opening, note = margin, ""
    lines.extend(f"{margin}   {condition}" for condition in text_conditions(formula, style))
    return lines
