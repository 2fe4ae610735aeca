"""The format ``latex``: sections, sentences and ``align*``; an article where it stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from derivations.derivation import Step
from derivations.render.document import Document
from derivations.render.inline import latex_axes, note_sentence, symbol_cells
from derivations.render.layout import latex_rows
from derivations.render.prose import latex_prose, sentence
from derivations.render.style import Style

_ARTICLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage{%s}
\usepackage[a4paper, margin=2.2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\jot}{6pt}
\allowdisplaybreaks
\begin{document}
%s
\end{document}"""


def latex_document(document: Document) -> str:
    """The document in LaTeX (amsmath, amssymb), ending in a newline."""
    parts = [*_header(document)]
    for section in document.sections:
        if section.title:
            parts.append(rf"\subsection*{{{latex_prose(section.title)}}}")
        parts += [_step(step, document.style) for step in section.steps]
    if document.drawn_notes:
        parts.append("\n".join(_notes(document)))
    body = "\n\n".join(parts)
    return article(body) if document.standalone else body + "\n"


def article(body: str, packages: Sequence[str] = ()) -> str:
    """A document that compiles as it is, ending in a newline.

    Args:
        packages: those that the body needs besides amsmath and amssymb.
    """
    return _ARTICLE % (", ".join(["amsmath", "amssymb", *packages]), body) + "\n"


def _header(document: Document) -> list[str]:
    parts: list[str] = []
    if document.title:
        parts.append(rf"\section*{{{latex_prose(document.title)}}}")
    if document.source:
        parts.append(f"Source: {latex_prose(document.source)}.")
    if document.symbols:
        parts.append(_symbols(document))
    if document.axes:
        parts.append(latex_axes(document.axes))
    return parts


def _symbols(document: Document) -> str:
    lines = [r"\begin{tabular}{@{}lll@{}}", r"Symbol & Shape & Role \\ \hline"]
    for entry in document.symbols:
        symbol, shape = symbol_cells(entry, document.style)
        lines.append(rf"{symbol} & {shape} & {latex_prose(entry.role)} \\")
    return "\n".join([*lines, r"\end{tabular}"])


def _step(step: Step, style: Style) -> str:
    lines: list[str] = []
    if step.rule:
        rule, why = (latex_prose(sentence(words)) for words in (step.rule, step.why))
        lines.append(rf"\textbf{{{rule}}} {why}".rstrip())
    if step.formulas:
        lines.append(f"\\begin{{align*}}\n{latex_rows(step.formulas, style)}\n\\end{{align*}}")
    return "\n".join(lines)


def _notes(document: Document) -> list[str]:
    sentences = (note_sentence(note, document.style, latex_prose) for note in document.drawn_notes)
    items = [rf"\item {line}" for line in sentences]
    return [r"\textbf{Notation.}", r"\begin{itemize}", *items, r"\end{itemize}"]
