"""A document in the format asked for, written where it is asked for."""

from __future__ import annotations

import sys

from derivations.arguments import write, written_to
from derivations.errors import InputError
from derivations.render.document import Document
from derivations.render.formats import format_named

PDF = "pdf"
"""The one format that is not text."""


def publish(document: Document, format_: str, output: str | None) -> None:
    """Write a document to a file, or to standard output where none is given.

    Raises:
        InputError: no such format, no way to write the file, or no way to make a PDF.
    """
    if format_ != PDF:
        write(format_named(format_)(document), output)
        return
    from derivations.render.pdf import pdf_document

    made = pdf_document(document)
    with written_to(output):
        print_pdf(made)


def print_pdf(made: bytes) -> None:
    """A PDF on standard output, unless that is a terminal.

    Raises:
        InputError: it is one.
    """
    if sys.stdout.isatty():
        raise InputError("a PDF is not for a terminal", remedy="name a file: -o answer.pdf")
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()
