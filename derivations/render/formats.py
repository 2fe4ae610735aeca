"""All output formats by name, and the two calls that print with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from derivations.derivation import Derivation, Formula
from derivations.errors import InputError
from derivations.render.document import Document, derivation_document, formulas_document
from derivations.render.jsondoc import json_document
from derivations.render.latexdoc import latex_document
from derivations.render.markdown import markdown_document
from derivations.render.plaintext import text_document
from derivations.render.style import AdjointLook


def _html(document: Document) -> str:
    """The format ``html``, whose libraries load when it is asked for."""
    from derivations.render.html import html_document

    return html_document(document)


FORMATS: dict[str, Callable[[Document], str]] = {
    "latex": latex_document,
    "text": text_document,
    "markdown": markdown_document,
    "json": json_document,
    "html": _html,
}
"""Every format; a new one is a function of a document, named here."""


def render(
    derivation: Derivation,
    format: str = "latex",
    standalone: bool = False,
    adjoint: AdjointLook = "partial",
) -> str:
    """A whole derivation in a format.

    Args:
        standalone: a LaTeX article that compiles by itself.
        adjoint: ``partial`` for ∂L/∂h_t, ``bar`` for h̄_t.

    Raises:
        InputError: for a format that does not exist.
    """
    return format_named(format)(derivation_document(derivation, adjoint, standalone))


def render_formulas(
    formulas: Sequence[Formula],
    format: str = "latex",
    standalone: bool = False,
    adjoint: AdjointLook = "partial",
    displays: Mapping[str, str] | None = None,
) -> str:
    """A few formulas in a format, as the answer to a query; ``displays`` as in a cell.

    Raises:
        InputError: for a format that does not exist.
    """
    return format_named(format)(formulas_document(formulas, adjoint, standalone, displays))


def format_named(name: str) -> Callable[[Document], str]:
    """The format called ``name``.

    Raises:
        InputError: there is none.
    """
    if name not in FORMATS:
        raise InputError(
            f"there is no format '{name}'", None, f"Choose of {', '.join(FORMATS)}, pdf."
        )
    return FORMATS[name]
