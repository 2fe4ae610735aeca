"""Sentences in HTML: escaped, `code` as code, names and what stands between dollars as MathML."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from derivations.cell import Axis
from derivations.render.html.mathml import mathml
from derivations.render.inline import latex_axes, note_sentence
from derivations.render.names import latex_name
from derivations.render.notes import Note
from derivations.render.prose import NAME, outside_code
from derivations.render.style import Style

_FORMULA = re.compile(r"\$([^$]+)\$")


def html_prose(sentence: str) -> Markup:
    """For HTML: no character turns into markup; names are set as mathematics."""

    def words(part: str) -> str:
        found = re.split(NAME, part)
        return "".join(
            mathml(latex_name(piece)) if i % 2 else escape(piece) for i, piece in enumerate(found)
        )

    return Markup(outside_code(sentence, words, lambda code: f"<code>{escape(code)}</code>"))


def html_note(note: Note, style: Style) -> Markup:
    """The sentence of a note with its expressions as MathML."""
    return _formulas(note_sentence(note, style, lambda part: part))


def html_axes(axes: tuple[Axis, ...]) -> Markup:
    """The sentence that says what time runs over."""
    return _formulas(latex_axes(axes))


def inline_formula(between_dollars: str) -> Markup:
    """One formula of a line of text, as the other formats write it."""
    return mathml(between_dollars.strip("$"))


def _formulas(sentence: str) -> Markup:
    """Words of our own with formulas between dollar signs."""
    found = _FORMULA.split(sentence)
    return Markup("").join(
        mathml(piece) if i % 2 else html_prose(piece) for i, piece in enumerate(found)
    )
