"""Reports and grades in LaTeX: hostile words are words, and what is written compiles."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations.render import pdf
from verify.checking import check
from verify.claims.grade import Grade
from verify.latex import grade_latex, grades_article, report_latex, reports_article
from verify.report import Failure, Report, Result

ENGINE = any(shutil.which(name) for name in pdf.ENGINES)
needs_engine = pytest.mark.skipif(not ENGINE, reason="no LaTeX engine is installed")
HOSTILE = r"\input{/etc/passwd} \end{document} $ % # & _ ^ ~ { } ⊙"
RNN = ["h[t] = tanh(W @ h[t-1] + U @ x[t])"]
WRONG = "dL/dW = sum(t, 1, T, ((1 - h[t]**2) * dL/dh[t]) @ h[t].T)"


@cache
def _grade() -> Grade:
    return check(RNN, WRONG)


def _report() -> Report:
    failure = Failure(HOSTILE, {"t": 1}, [[1.0]], [[2.0]], 0.5)
    return Report(HOSTILE, [Result(HOSTILE, "adjoint", "exact", "fail", failure=failure)])


@needs_engine
def test_a_wrong_claim_and_a_bad_line_compile() -> None:
    graded = {"wrong": _grade(), HOSTILE: Grade(None, error=HOSTILE, claim=HOSTILE)}
    assert pdf.typeset_pdf(grades_article(graded)).startswith(b"%PDF-")


@needs_engine
def test_reports_compile() -> None:
    assert pdf.typeset_pdf(reports_article([_report(), Report("none")])).startswith(b"%PDF-")


def test_hostile_words_are_words() -> None:
    for source in (report_latex(_report()), grade_latex(Grade(None, claim=HOSTILE, error=HOSTILE))):
        assert r"\input" not in source and r"\end{document}" not in source
        assert r"\textbackslash{}input\{/etc/passwd\}" in source


def test_a_grade_says_its_verdict_its_mend_and_its_counterexample() -> None:
    grade = _grade()
    assert grade.repair is not None and grade.counterexample is not None
    source = grade_latex(grade)
    assert r"\section*{wrong}" in source and grade.repair["latex"] in source
    assert "Counterexample" in source and "claimed" in source


@needs_engine
@pytest.mark.parametrize(
    "asked", [("verify", "rnn-sigmoid", "--method", "exact"), ("check", "rnn", "h[t] = h[t]")]
)
def test_the_command_writes_a_pdf(asked: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    done = CliRunner().invoke(cli.gradproof, [*asked, "--format", "pdf", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF-")
