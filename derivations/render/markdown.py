"""The format ``markdown``: headings, a table of symbols, formulas between ``$$``."""

from __future__ import annotations

from derivations.derivation import Step
from derivations.render.document import Document
from derivations.render.inline import latex_axes, note_sentence, symbol_cells
from derivations.render.layout import latex_rows
from derivations.render.prose import markdown_prose, sentence
from derivations.render.style import Style


def markdown_document(document: Document) -> str:
    """The document in Markdown with TeX mathematics, ending in a newline."""
    parts = _header(document)
    for section in document.sections:
        if section.title:
            parts.append(f"## {markdown_prose(section.title)}")
        parts += [_step(step, document.style) for step in section.steps]
    if document.drawn_notes:
        sentences = (note_sentence(n, document.style, markdown_prose) for n in document.drawn_notes)
        parts.append("\n".join(["**Notation.**", "", *(f"- {s}" for s in sentences)]))
    return "\n\n".join(parts) + "\n"


def _header(document: Document) -> list[str]:
    parts: list[str] = []
    if document.title:
        parts.append(f"# {markdown_prose(document.title)}")
    if document.source:
        parts.append(f"Source: {markdown_prose(document.source)}")
    if document.symbols:
        parts.append(_symbols(document))
    if document.axes:
        parts.append(latex_axes(document.axes))
    return parts


def _symbols(document: Document) -> str:
    lines = ["| Symbol | Shape | Role |", "|---|---|---|"]
    for entry in document.symbols:
        symbol, shape = symbol_cells(entry, document.style)
        lines.append(f"| {symbol} | {shape} | {markdown_prose(entry.role)} |")
    return "\n".join(lines)


def _step(step: Step, style: Style) -> str:
    lines: list[str] = []
    if step.rule:
        rule, why = (markdown_prose(sentence(words)) for words in (step.rule, step.why))
        lines += [f"**{rule}** {why}".rstrip(), ""]
    if step.formulas:
        rows = latex_rows(step.formulas, style)
        lines.append(f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$")
    return "\n".join(lines).rstrip()
