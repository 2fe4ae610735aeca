"""Formulas as aligned lines: equal forms below each other, long sums one term a line."""

from __future__ import annotations

from collections.abc import Sequence

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula
from derivations.render.latex import latex, latex_terms
from derivations.render.latex_lines import cut
from derivations.render.latex_width import latex_width
from derivations.render.relations import (
    LATEX_SIGNS,
    latex_conditions,
    latex_note,
    text_conditions,
    text_note,
)
from derivations.render.style import Style
from derivations.render.text import text, text_terms
from derivations.render.wrapping import closed, wrapped

LATEX_WIDTH = 462.0
"""Points of a line: A4 with margins of 2.2 cm, less a little."""
LEAST_ROOM = 200.0
"""What a right side gets however wide the left sides and the times are."""
_GAP = 10.0
"""Between the formulas and their times."""
TEXT_WIDTH = 92
MOST_MARGIN = 24
"""Blanks in front of further lines of a formula at most, however wide its left side is."""


def latex_rows(formulas: Sequence[Formula], style: Style) -> str:
    """The rows of an ``align*`` or ``aligned``: two columns, and a third for the times.

    Where something that cannot be cut leaves no room for that column, the times stand below.
    """
    lefts = [latex(formula.left, style) for formula in formulas]
    notes = [latex_note(formula, style) for formula in formulas]
    room = _room(lefts, notes)
    sides = [_sides(formula, style, room) for formula in formulas]
    below = any(notes) and _widest(sides) > room
    if below:
        room = _room(lefts, [])
        sides = [_sides(formula, style, room) for formula in formulas]
    rows: list[str] = []
    for formula, left, note, lines in zip(formulas, lefts, notes, sides, strict=True):
        first, *rest = [row for side in lines for row in side]
        rows.append(f"{left} {first}" + (f" && {note}" if note and not below else ""))
        rows.extend(rest)
        if note and below:
            rows.append(rf"&\quad {note}")
        rows.extend(rf"&\quad {condition}" for condition in latex_conditions(formula, style))
    return " \\\\\n".join(rows)


def _sides(formula: Formula, style: Style, room: float) -> list[list[str]]:
    """The rows of each form of the right side, without the left one."""
    found = []
    for side in (*formula.via, formula.right):
        sign = LATEX_SIGNS[formula.relation if side is formula.right else "="]
        line = " ".join(latex_terms(side, style))
        first, *rest = [line] if latex_width(line) <= room else cut(side, style, room)
        found.append([f"&{sign} {first}", *(rf"&\quad {term}" for term in rest)])
    return found


def _widest(sides: list[list[list[str]]]) -> float:
    rows = (row.removeprefix("&=") for lines in sides for side in lines for row in side)
    return max(map(latex_width, rows), default=0.0)


def _room(lefts: Sequence[str], notes: Sequence[str]) -> float:
    """What is left of a line for right sides: all formulas share their columns."""
    taken = max(map(latex_width, lefts), default=0.0) + latex_width("=")
    if any(notes):
        taken += _GAP + max(map(latex_width, notes))
    return max(LATEX_WIDTH - taken, LEAST_ROOM)


def text_lines(formula: Formula, style: Style, width: int = TEXT_WIDTH) -> list[str]:
    """The lines of a formula in plain text, with the times behind the first that has room.

    Read together they are the formula again: a line is cut before an operator, or in brackets.
    """
    note = text_note(formula, style)
    opening = text(formula.left, style)
    margin = " " * min(len(opening), MOST_MARGIN)
    lines: list[str] = []
    for side in (*formula.via, formula.right):
        sign = formula.relation if side is formula.right else "="
        first, *rest = _text_side(side, style, width - len(margin) - 3, width - len(opening) - 3)
        lines += [f"{opening} {sign} {first}", *(f"{margin}   {line}" for line in rest)]
        opening = margin
    if note:
        _add_note(lines, f"    ({note})", width)
    lines.extend(f"{margin}   {condition}" for condition in text_conditions(formula, style))
    return lines


def _add_note(lines: list[str], note: str, width: int) -> None:
    """The times behind the first line that has room and no bracket open, else below."""
    for place, line in enumerate(lines):
        if len(line + note) <= width and closed("\n".join(lines[: place + 1])):
            lines[place] += note
            return
    lines.append(note)


def _text_side(side: MatrixExpr, style: Style, room: int, first: int) -> list[str]:
    """One form of a right side: one line if there is room, else a term or a part of one each."""
    terms = text_terms(side, style)
    whole = " ".join(terms)
    if len(whole) <= first:
        return [whole]
    return [line for term in terms for line in wrapped(term, room)]
