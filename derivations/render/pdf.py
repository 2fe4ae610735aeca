"""The format ``pdf``: the LaTeX document, set by an engine that is found on the machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from derivations.errors import InputError
from derivations.render.document import Document
from derivations.render.latexdoc import latex_document

_HALT = ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape")
ENGINES: dict[str, tuple[str, ...]] = {
    "pdflatex": _HALT,
    "lualatex": (*_HALT, "--nosocket"),
    "xelatex": _HALT,
    "tectonic": ("--untrusted", "--chatter", "minimal"),
}
"""Programs by name, the quickest first, with what keeps a document from running anything."""
SECONDS = 120
"""Time that an engine may take."""
_NAME = "document"
_MISSING = re.compile(r"! LaTeX Error: File `([^']+)' not found")
_ERROR = re.compile(r"^!\s*(.+)$|^error: (.+)$", re.M)


def pdf_document(document: Document) -> bytes:
    """The document as a PDF.

    Raises:
        InputError: there is no engine, it lacks a package, fails, or takes too long.
    """
    return typeset_pdf(latex_document(replace(document, standalone=True)))


def typeset_pdf(source: str) -> bytes:
    """A LaTeX document as a PDF, set in a folder that is gone afterwards; see above for errors."""
    program = _engine()
    with tempfile.TemporaryDirectory(prefix="gradproof-") as name:
        folder = Path(name)
        (folder / f"{_NAME}.tex").write_text(source, encoding="utf-8")
        said = _run([program, *ENGINES[Path(program).stem], f"{_NAME}.tex"], folder)
        made = folder / f"{_NAME}.pdf"
        if not made.exists():
            raise _failure(Path(program).stem, said)
        return made.read_bytes()


def _engine() -> str:
    for name in ENGINES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise InputError(
        "a PDF needs a LaTeX engine, and none is found",
        remedy="install texlive-latex-recommended (apt), MacTeX or MiKTeX, or tectonic; "
        "or take --format latex --document, which compiles elsewhere",
    )


def _run(command: list[str], folder: Path) -> str:
    """What the engine says; it may read and write in its own folder only."""
    safe = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "max_print_line": "1000"}
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **safe}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise InputError(
            f"the PDF takes longer than {SECONDS} seconds", remedy="choose a part with --wrt"
        ) from None
    return said.decode("utf-8", "replace")


def _failure(engine: str, said: str) -> InputError:
    missing = _MISSING.search(said)
    if missing is not None:
        return InputError(
            f"{engine} has no {missing[1]}",
            remedy="install texlive-latex-recommended (apt), or that package by tlmgr",
        )
    first = _ERROR.search(said)
    return InputError(
        f"{engine} made no PDF: {first[1] or first[2] if first else 'it says nothing about why'}"
    )
