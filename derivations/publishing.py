"""A document in the format asked for, written where it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

from derivations.arguments import write
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

    if output is None and sys.stdout.isatty():
        raise InputError("a PDF is not for a terminal", remedy="name a file: -o answer.pdf")
    write_bytes(pdf_document(document), output)


def write_bytes(made: bytes, output: str | None) -> None:
    """Write what is not text to a file, or to standard output.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(made)
        return
    try:
        Path(output).write_bytes(made)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}") from None
