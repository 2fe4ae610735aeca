"""A document in the format asked for, written where it is asked for."""

from __future__ import annotations

import os
import shutil
import sys

import click

from derivations.arguments import write, written_to
from derivations.errors import InputError
from derivations.render.document import Document
from derivations.render.formats import format_named
from derivations.render.plaintext import Look, text_document

TEXT, PDF = "text", "pdf"
"""The format that a terminal shows at its best, and the one that is not text."""
NARROWEST, WIDEST = 40, 120
"""Lines of a terminal are no shorter and no longer than this."""


def publish(document: Document, format_: str, output: str | None) -> None:
    """Write a document to a file, or to standard output where none is given.

    Raises:
        InputError: no such format, no way to write the file, or no way to make a PDF.
    """
    if format_ == TEXT and output is None and sys.stdout.isatty():
        click.echo(text_document(document, terminal_look()))
        return
    if format_ != PDF:
        write(format_named(format_)(document), output)
        return
    from derivations.render.pdf import pdf_document

    made = pdf_document(document)
    with written_to(output):
        print_pdf(made)


def terminal_look() -> Look:
    """What the terminal on standard output can show."""
    columns = shutil.get_terminal_size().columns
    return Look(
        width=max(NARROWEST, min(columns, WIDEST)),
        symbols=(sys.stdout.encoding or "").lower().startswith("utf"),
        colour="NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
    )


def print_pdf(made: bytes) -> None:
    """A PDF on standard output, unless that is a terminal.

    Raises:
        InputError: it is one.
    """
    if sys.stdout.isatty():
        raise InputError("a PDF is not for a terminal", remedy="name a file: -o answer.pdf")
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
