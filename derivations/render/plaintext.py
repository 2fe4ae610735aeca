"""The format ``text``: the text language under headings, for a terminal."""

from __future__ import annotations

import textwrap

from derivations.derivation import Step
from derivations.render.document import Document
from derivations.render.inline import note_sentence, text_axes
from derivations.render.layout import text_lines
from derivations.render.names import text_index
from derivations.render.prose import plain_prose, sentence
from derivations.render.style import Style
from derivations.render.text import text

_WIDTH = 92


def text_document(document: Document) -> str:
    """The document in plain text, ending in a newline."""
    parts = _header(document)
    for section in document.sections:
        if section.title:
            parts.append(_underlined(plain_prose(section.title), "-"))
        parts += [_step(step, document.style) for step in section.steps]
    if document.notes:
        notes = [
            _filled("- " + note_sentence(note, document.style, plain_prose, text), "  ")
            for note in document.notes
        ]
        parts.append("\n".join(["Notation", *notes]))
    return "\n\n".join(parts) + "\n"


def _header(document: Document) -> list[str]:
    parts: list[str] = []
    if document.title:
        parts.append(_underlined(plain_prose(document.title), "="))
    if document.source:
        parts.append(_filled(f"Source: {plain_prose(document.source)}"))
    if document.symbols:
        parts.append(_symbols(document))
    if document.axes:
        parts.append(text_axes(document.axes))
    return parts


def _symbols(document: Document) -> str:
    rows = [
        (text(e.variable, document.style), " x ".join(map(text_index, e.shape)), e.role)
        for e in document.symbols
    ]
    name, shape = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"  {row[0]:{name}}  {row[1]:{shape}}  {row[2]}" for row in rows)


def _step(step: Step, style: Style) -> str:
    lines: list[str] = []
    if step.rule:
        rule, why = (plain_prose(sentence(words)) for words in (step.rule, step.why))
        lines.append(_filled(f"{rule} {why}".rstrip()))
    indent = "    " if step.rule else ""
    for formula in step.formulas:
        lines += [indent + line for line in text_lines(formula, style)]
    return "\n".join(lines)


def _underlined(title: str, sign: str) -> str:
    return f"{title}\n{sign * len(title)}"


def _filled(words: str, indent: str = "") -> str:
    return textwrap.fill(
        words, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
