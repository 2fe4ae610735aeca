"""The format ``json``: the same document as data; keys are only ever added.

``{"title", "source", "axes": [{"index", "upper"}], "symbols": [{"name", "latex", "text",
"shape": [rows, cols], "role"}], "sections": [{"title", "steps": [{"rule", "why", "formulas":
[{"latex", "text", "left", "right", "via", "relation", "domain", "conditions"}]}]}], "notes":
[{"latex", "text"}]}``, where ``left``, ``right``, each of ``via``, ``domain`` and each of
``conditions`` are ``{"latex", "text"}`` in turn; ``relation`` is ``=``, ``<=``, ``>=``, ``<``,
``>`` or ``->``.
"""

from __future__ import annotations

import json
from typing import Any

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula, Section, Step
from derivations.render.document import Document
from derivations.render.inline import note_sentence
from derivations.render.latex import latex, latex_terms
from derivations.render.names import text_index
from derivations.render.notes import Note
from derivations.render.prose import latex_prose, plain_prose
from derivations.render.relations import (
    LATEX_SIGNS,
    latex_conditions,
    latex_note,
    text_conditions,
    text_note,
)
from derivations.render.style import Style
from derivations.render.text import text, text_terms


def json_document(document: Document) -> str:
    """The document as JSON, ending in a newline."""
    style = document.style
    data = {
        "title": document.title,
        "source": document.source,
        "axes": [
            {"index": text_index(axis.index), "upper": text_index(axis.upper)}
            for axis in document.axes
        ],
        "symbols": [
            {"name": entry.variable.name, **_both(entry.variable, style),
             "shape": [text_index(size) for size in entry.shape], "role": entry.role}
            for entry in document.symbols
        ],
        "sections": [_section(section, style) for section in document.sections],
        "notes": [_note(note, style) for note in document.notes],
    }  # fmt: skip
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _section(section: Section, style: Style) -> dict[str, Any]:
    return {"title": section.title, "steps": [_step(step, style) for step in section.steps]}


def _step(step: Step, style: Style) -> dict[str, Any]:
    formulas = [formula_data(formula, style) for formula in step.formulas]
    return {"rule": step.rule, "why": plain_prose(step.why), "formulas": formulas}


def formula_data(formula: Formula, style: Style) -> dict[str, Any]:
    """One formula as data."""
    left, right = _both(formula.left, style), _side(formula.right, style)
    conditions = zip(latex_conditions(formula, style), text_conditions(formula, style), strict=True)
    return {
        "latex": f"{left['latex']} {LATEX_SIGNS[formula.relation]} {right['latex']}",
        "text": f"{left['text']} {formula.relation} {right['text']}",
        "left": left,
        "right": right,
        "via": [_side(side, style) for side in formula.via],
        "relation": formula.relation,
        "domain": {"latex": latex_note(formula, style), "text": text_note(formula, style)},
        "conditions": [{"latex": latex_, "text": text_} for latex_, text_ in conditions],
    }


def _both(expr: MatrixExpr, style: Style) -> dict[str, str]:
    return {"latex": latex(expr, style), "text": text(expr, style)}


def _side(expr: MatrixExpr, style: Style) -> dict[str, str]:
    """The right side of an equation, where a constant needs no shape."""
    return {"latex": " ".join(latex_terms(expr, style)), "text": " ".join(text_terms(expr, style))}


def _note(note: Note, style: Style) -> dict[str, str]:
    return {
        "latex": note_sentence(note, style, latex_prose),
        "text": note_sentence(note, style, plain_prose, text),
    }
