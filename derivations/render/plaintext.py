"""The format ``text``: the text language under headings, for a terminal."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import click
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Step
from derivations.render.document import Document
from derivations.render.inline import note_sentence, text_axes
from derivations.render.layout import TEXT_WIDTH, text_lines
from derivations.render.names import text_index
from derivations.render.prose import plain_prose, sentence
from derivations.render.style import Style
from derivations.render.text import text
from derivations.render.text_symbols import with_symbols


@dataclass(frozen=True)
class Look:
    """What a terminal can show; a pipe and a file get the defaults.

    Attributes:
        width: of a line.
        symbols: whether operators are Unicode, as ``⊙`` for ``*``; the parser reads both.
        colour: whether headings and rules stand out.
    """

    width: int = TEXT_WIDTH
    symbols: bool = False
    colour: bool = False

    def mathematics(self, source: str) -> str:
        """A formula, or a part of one, in the signs that can be shown."""
        return with_symbols(source) if self.symbols else source

    def marked(self, words: str, **look: Any) -> str:
        """Words that stand out where there are colours."""
        return click.style(words, **look) if self.colour else words

    def filled(self, words: str, indent: str = "") -> str:
        """Words on lines that fit."""
        return textwrap.fill(
            words, min(self.width, TEXT_WIDTH), subsequent_indent=indent,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


PLAIN = Look()


def text_document(document: Document, look: Look = PLAIN) -> str:
    """The document in plain text, ending in a newline."""
    parts = _header(document, look)
    for section in document.sections:
        if section.title:
            parts.append(_underlined(plain_prose(section.title), "-", look))
        parts += [_step(step, document.style, look) for step in section.steps]
    if document.notes:
        parts.append("\n".join([look.marked("Notation", bold=True), *_notes(document, look)]))
    return "\n\n".join(parts) + "\n"


def _header(document: Document, look: Look) -> list[str]:
    parts: list[str] = []
    if document.title:
        parts.append(_underlined(plain_prose(document.title), "=", look))
    if document.source:
        parts.append(look.filled(f"Source: {plain_prose(document.source)}"))
    if document.symbols:
        parts.append(_symbols(document, look))
    if document.axes:
        parts.append(text_axes(document.axes))
    return parts


def _symbols(document: Document, look: Look) -> str:
    times = " × " if look.symbols else " x "
    rows = [
        (
            look.mathematics(text(e.variable, document.style)),
            times.join(map(text_index, e.shape)),
            e.role,
        )
        for e in document.symbols
    ]
    name, shape = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"  {row[0]:{name}}  {row[1]:{shape}}  {row[2]}" for row in rows)


def _step(step: Step, style: Style, look: Look) -> str:
    lines: list[str] = []
    if step.rule:
        rule, why = (plain_prose(sentence(words)) for words in (step.rule, step.why))
        filled = look.filled(f"{rule} {why}".rstrip())
        # Coloured behind the filling, which would count what colours take.
        marked = look.marked(rule, bold=True)
        lines.append(filled.replace(rule, marked, 1) if rule in filled else filled)
    indent = "    " if step.rule else ""
    for formula in step.formulas:
        found = text_lines(formula, style, look.width - len(indent))
        lines += [indent + look.mathematics(line) for line in found]
    return "\n".join(lines)


def _notes(document: Document, look: Look) -> list[str]:
    def printed(expr: MatrixExpr, style: Style) -> str:
        return look.mathematics(text(expr, style))

    return [
        look.filled("- " + note_sentence(note, document.style, plain_prose, printed), "  ")
        for note in document.notes
    ]


def _underlined(title: str, sign: str, look: Look) -> str:
    return look.marked(f"{title}\n{sign * len(title)}", fg="cyan", bold=True)
