"""PDFs: every engine makes one, none runs or reads anything, and what is missing is named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations import derive
from derivations.errors import InputError
from derivations.render import pdf
from derivations.render.document import derivation_document

INSTALLED = [name for name in pdf.ENGINES if shutil.which(name)]
needs_engine = pytest.mark.skipif(not INSTALLED, reason="no LaTeX engine is installed")
DOCUMENT = "\\documentclass{article}\\begin{document}%s\\end{document}\n"


def _only(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "ENGINES", {engine: pdf.ENGINES[engine]})


@pytest.mark.parametrize("engine", pdf.ENGINES)
def test_every_engine_sets_a_derivation(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine not in INSTALLED:
        pytest.skip(f"{engine} is not installed")
    _only(engine, monkeypatch)
    made = pdf.pdf_document(derivation_document(derive("rnn-sigmoid", form="adjoint")))
    assert made.startswith(b"%PDF-")
    assert b"%%EOF" in made[-1024:]


@needs_engine
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_hostile_words_are_set_as_words() -> None:
    hostile = r"\input{/etc/passwd} \write18{touch x} $$ % # & ~ ^ { }"
    lines = f"title: {hostile}\nsource: {hostile}\nh[t] = tanh(W @ h[t-1] + x[t])"
    made = pdf.pdf_document(derivation_document(derive([lines], form="adjoint")))
    command = ["pdftotext", "-", "-"]
    text = subprocess.run(command, input=made, capture_output=True, check=True).stdout.decode()
    assert r"\input{/etc/passwd}" in text and "root:" not in text


@needs_engine
@pytest.mark.parametrize("engine", INSTALLED)
def test_no_document_reads_other_files_or_runs_anything(
    engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only(engine, monkeypatch)
    secret, made = tmp_path / "secret.tex", tmp_path / "made"
    secret.write_text("x")
    body = rf"\immediate\write18{{touch {made}}}\input{{{secret}}}"
    with pytest.raises(InputError, match=f"{engine} "):
        pdf.typeset_pdf(DOCUMENT % body)
    assert not made.exists()


@needs_engine
def test_a_document_without_an_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 1)
    with pytest.raises(InputError, match="takes longer than 1 seconds"):
        pdf.typeset_pdf(DOCUMENT % r"\loop\iftrue\repeat")


@needs_engine
def test_what_the_engine_lacks_is_named() -> None:
    with pytest.raises(InputError, match=r"has no nosuchpackage\.sty") as caught:
        pdf.typeset_pdf("\\documentclass{article}\\usepackage{nosuchpackage}" + DOCUMENT % "x")
    assert "install" in caught.value.remedy


@pytest.mark.parametrize("asked", [("derive", "rnn"), ("query", "rnn", "dL/dW_hh")])
def test_without_an_engine_the_package_to_install_is_named(
    asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = [*asked, "--format", "pdf", "-o", str(tmp_path / "out.pdf")]
    done = CliRunner().invoke(cli.gradproof, arguments)
    assert isinstance(done.exception, InputError)
    assert "texlive-latex-recommended" in str(done.exception)
    assert not (tmp_path / "out.pdf").exists()


@needs_engine
def test_a_pdf_goes_to_a_file_or_a_pipe(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    asked = ["query", "rnn", "dL/dW_hh", "--format", "pdf"]
    runner = CliRunner()
    assert runner.invoke(cli.gradproof, [*asked, "-o", str(out)]).exit_code == 0
    piped = runner.invoke(cli.gradproof, asked)
    assert out.read_bytes()[:5] == piped.stdout_bytes[:5] == b"%PDF-"
