"""Reports and grades in the formats that are one document, printed when everything is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # what is verified is printed in most formats without any of these
    from verify.claims.grade import Grade
    from verify.report import Report

DOCUMENTS = ("html", "latex", "pdf")
"""Formats of whole documents; in the others a result is printed as soon as it is found."""


def publish_reports(reports: Sequence[Report], format_: str) -> None:
    """Print reports as one document; nothing in other formats.

    Raises:
        InputError: a PDF cannot be made.
    """
    if format_ == "html":
        from verify.pages import reports_page

        click.echo(reports_page(reports), nl=False)
    elif format_ in DOCUMENTS:
        from verify.latex import reports_article

        _print_article(reports_article(reports), format_)


def publish_grades(graded: Mapping[str, Grade], format_: str) -> None:
    """Print grades by their names as one document; nothing in other formats.

    Raises:
        InputError: a PDF cannot be made.
    """
    if format_ == "html":
        from verify.pages import grades_page

        click.echo(grades_page(graded), nl=False)
    elif format_ in DOCUMENTS:
        from verify.latex import grades_article

        _print_article(grades_article(graded), format_)


def _print_article(source: str, format_: str) -> None:
    if format_ == "pdf":
        from derivations.publishing import print_pdf
        from derivations.render.pdf import typeset_pdf

        print_pdf(typeset_pdf(source))
    else:
        click.echo(source, nl=False)
