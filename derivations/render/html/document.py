"""A document as HTML: headings, a table of symbols, steps that fold, formulas as MathML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from derivations.derivation import Formula, Section, Step
from derivations.render.document import Document
from derivations.render.html.figures import cell_figure
from derivations.render.html.mathml import mathml
from derivations.render.html.page import page
from derivations.render.html.prose import html_axes, html_note, html_prose, inline_formula
from derivations.render.html.templates import rendered
from derivations.render.inline import symbol_cells
from derivations.render.latex import latex
from derivations.render.layout import latex_rows
from derivations.render.prose import sentence
from derivations.render.style import Style
from derivations.render.text import text

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class _Step:
    """A step as the template sets it."""

    rule: Markup
    why: Markup
    formulas: tuple[Markup, ...]


def html_document(document: Document, closing: str = "") -> str:
    """The document as one HTML file, ending in a newline.

    Args:
        closing: fragments that stand below it, such as a report.
    """
    body = fragment(document, figures=True) + Markup(closing)
    if document.title:
        return page(document.title, body)
    title, heading = _heading(document)
    return page(title, Markup("<h1>{}</h1>").format(heading) + body)


def _heading(document: Document) -> tuple[str, Markup]:
    """What heads a page without a title; an answer is headed by its question."""
    formulas = [f for section in document.sections for s in section.steps for f in s.formulas]
    if document.cell is not None or not formulas:
        return "Derivation", Markup("Derivation")
    asked, style = formulas[0].left, document.style
    return text(asked, style), mathml(latex(asked, style))


def fragment(document: Document, prefix: str = "", figures: bool = False) -> Markup:
    """The document without the page around it.

    Args:
        prefix: of every ``id``, where several fragments stand in one page.
        figures: whether the computation graph of the cell is drawn.
    """
    values: dict[str, Any] = {
        "title": html_prose(document.title),
        "source": html_prose(document.source),
        "axes": html_axes(document.axes) if document.axes else "",
        "symbols": [
            (*map(inline_formula, symbol_cells(entry, document.style)), entry.role)
            for entry in document.symbols
        ],
        "sections": [
            (f"{prefix}section-{number}", *_section(section, document.style))
            for number, section in enumerate(document.sections, 1)
        ],
        "notes": [html_note(note, document.style) for note in document.drawn_notes],
        "figure": cell_figure(document.cell) if figures and document.cell else "",
        "prefix": prefix,
    }
    return rendered(FOLDER, "document.html", **values)


def _section(section: Section, style: Style) -> tuple[Markup, list[_Step]]:
    return html_prose(section.title), [_step(step, style) for step in section.steps]


def _step(step: Step, style: Style) -> _Step:
    rule, why = (html_prose(sentence(words)) for words in (step.rule, step.why))
    return _Step(rule, why, tuple(formula_math(formula, style) for formula in step.formulas))


def formula_math(formula: Formula, style: Style) -> Markup:
    """One formula as MathML."""
    return mathml(formula_latex(formula, style), display=True)


def formula_latex(formula: Formula, style: Style) -> str:
    """One formula with its times, on lines as long as those of the format ``latex``."""
    return f"\\begin{{align*}}\n{latex_rows([formula], style)}\n\\end{{align*}}"
