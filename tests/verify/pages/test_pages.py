"""Reports and grades as pages: valid HTML that says what the other formats say, all escaped."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import html5lib
import pytest
from click.testing import CliRunner

import cli
from verify.checking import check
from verify.claims.grade import Grade
from verify.pages import grade_fragment, grades_page, reports_page
from verify.pages.grades import marked
from verify.pages.values import number
from verify.report import Failure, Report, Result
from verify.run import verify

RNN = ["h[t] = tanh(W @ h[t-1] + U @ x[t])"]
CLAIMS = {
    "correct": "dL/dW = sum(t, 1, T, ((1 - h[t]**2) * dL/dh[t]) @ h[t-1].T)",
    "wrong": "dL/dW = sum(t, 1, T, ((1 - h[t]**2) * dL/dh[t]) @ h[t].T)",
    "conditional": "dh[t]/dh[t-1] = W.T @ diag(1 - h[t]**2)",
}
HOSTILE = "<img src=x onerror=alert(1)>"


@cache
def graded(verdict: str) -> Grade:
    return check(RNN, CLAIMS[verdict])


def tree(source: str) -> html5lib.treebuilders.etree:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(source)


def words(source: str) -> str:
    return "".join(tree(source).find("body").itertext())


@pytest.mark.parametrize("verdict", CLAIMS)
def test_a_grade_is_a_page_with_its_verdict_and_its_evidence(verdict: str) -> None:
    grade = graded(verdict)
    shown = words(grades_page({"": grade}))
    assert grade.verdict == verdict and verdict in shown
    assert CLAIMS[verdict] in shown
    for condition in grade.conditions:
        assert condition in shown
    for evidence in grade.evidence:
        assert f"{evidence['method']}: {evidence['status']}" in shown
    assert ("Counterexample" in shown) == (grade.counterexample is not None)
    assert ("Mended" in shown) == (grade.repair is not None)


def test_the_mistake_is_marked_where_it_stands() -> None:
    found = marked(graded("wrong"))
    assert found.count("<mark>") == 1
    assert "<mark>h[t]</mark>.T)" in found


def test_a_report_is_a_page_with_every_result() -> None:
    report = verify(RNN, methods=["exact"])
    report.results.append(
        Result(HOSTILE, "adjoint", "differences", "fail",
               failure=Failure(HOSTILE, {"t": 1}, [[1.0]], [[2.0]], 0.5))
    )  # fmt: skip
    source = reports_page([report, Report("nothing")])
    assert report.summary in words(source) and words(source).count(HOSTILE) == 3
    assert not list(tree(source).iter("img"))
    assert len(list(tree(source).iter("tr"))) == 2 + len(report.results)


@pytest.mark.parametrize("value", [1.0, -0.5, 1e-7, -2.5e30, float("inf"), float("nan"), 3])
def test_numbers_are_written_as_mathematics(value: float) -> None:
    written = number(value)
    assert "e" not in written.replace("\\text{not a number}", "")
    if value == value and abs(value) != float("inf"):
        digits, _, exponent = written.partition(r" \cdot 10^")
        assert float(digits) * 10 ** int(exponent.strip("{}") or 0) == pytest.approx(value)


def test_a_file_of_claims_is_one_page_with_bad_lines_as_words(tmp_path: Path) -> None:
    lines = [
        {"id": HOSTILE, "cell": RNN, "claim": CLAIMS["correct"]},
        {"id": 2, "cell": RNN, "claim": HOSTILE},
        {"cell": [HOSTILE], "claim": "<script>alert(1)</script>"},
    ]
    file, out = tmp_path / "claims.jsonl", tmp_path / "out.html"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = ["check", "--file", str(file), "--format", "html", "-o", str(out)]
    done = CliRunner().invoke(cli.gradproof, asked)
    assert done.exit_code == 2 and not done.stdout
    found = tree(out.read_text(encoding="utf-8"))
    assert not list(found.iter("img")) and len(list(found.iter("script"))) == 1
    shown = words(out.read_text(encoding="utf-8"))
    assert "1 correct, 2 bad input." in shown and "<script>alert(1)</script>" in shown


def test_a_grade_fragment_needs_no_page() -> None:
    assert grade_fragment(graded("correct")).startswith('<section class="grade">')


@pytest.mark.parametrize("format_", ["text", "json", "html", "latex"])
def test_what_is_found_goes_to_a_file_in_every_format(tmp_path: Path, format_: str) -> None:
    out = tmp_path / "out"
    asked = ["verify", "rnn-sigmoid", "--method", "exact", "--format", format_]
    runner = CliRunner()
    printed = runner.invoke(cli.gradproof, asked).stdout
    done = runner.invoke(cli.gradproof, [*asked, "-o", str(out)])
    assert done.exit_code == 0 and not done.stdout
    written = out.read_text(encoding="utf-8")
    if format_ == "json":
        written, printed = (
            [r["status"] for r in json.loads(s)["results"]] for s in (written, printed)
        )
    assert written == printed


def test_a_file_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    from derivations.errors import InputError

    asked = ["verify", "rnn", "-o", str(tmp_path / "no" / "out")]
    with pytest.raises(InputError, match="cannot be written"):
        CliRunner().invoke(cli.gradproof, asked, catch_exceptions=False)


def test_a_verified_derivation_shows_its_report(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    asked = ["derive", "rnn-sigmoid", "--wrt", "W", "--form", "adjoint", "--verify"]
    done = CliRunner().invoke(cli.gradproof, [*asked, "--format", "html", "-o", str(out)])
    assert done.exit_code == 0
    shown = words(out.read_text(encoding="utf-8"))
    assert "Verification of rnn-sigmoid" in shown and "checks pass, 0 fail" in shown
