"""Reports and grades in LaTeX, for a printed document: the same words as in the other formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from derivations.render.latexdoc import article
from derivations.render.prose import latex_words
from verify.claims.grade import Counterexample, Grade, Text
from verify.claims.grade_output import evidence_line
from verify.pages.values import value_latex
from verify.report import Report
from verify.table import HEADINGS, cells, remarks


def reports_article(reports: Sequence[Report]) -> str:
    """All reports as one article that compiles as it is."""
    return article("\n\n".join(map(report_latex, reports)), packages=("longtable",))


def grades_article(graded: Mapping[str, Grade]) -> str:
    """All grades by their names as one article that compiles as it is."""
    return article("\n\n".join(grade_latex(grade, name) for name, grade in graded.items()))


def report_latex(report: Report) -> str:
    """The report about one cell or topic (longtable)."""
    rows = (" & ".join(_row(cells(result))) for result in report.results)
    return "\n".join(
        [
            rf"\section*{{Verification of {latex_words(report.cell)}}}",
            latex_words(report.summary) + ".",
            "",
            rf"\begin{{longtable}}{{@{{}}{'l' * len(HEADINGS)}@{{}}}}",
            rf"{' & '.join(map(latex_words, HEADINGS))} \\ \hline",
            *(rf"{row} \\" for row in rows),
            r"\end{longtable}",
            *_code(remarks(report)),
        ]
    )


def _row(row: tuple[str, ...]) -> Iterator[str]:
    subject, *others = row
    yield _typed(subject)
    yield from map(latex_words, others)


def grade_latex(grade: Grade, name: str = "") -> str:
    """One claim with its grade (amsmath)."""
    heading = ": ".join(filter(None, (name, grade.verdict or "bad input")))
    return "\n\n".join([rf"\section*{{{latex_words(heading)}}}", *_parts(grade)])


def _parts(grade: Grade) -> Iterator[str]:
    yield from _code(grade.claim.splitlines())
    if grade.error is not None:
        yield from _code(grade.error.splitlines())
        return
    if grade.reason:
        yield latex_words(grade.reason)
    if grade.place is not None:
        place = grade.place
        yield f"{_typed(place.part)} should be {_typed(place.replacement)}."
    yield from _formulas("Mended", grade.repair)
    yield from map(latex_words, grade.near)
    yield from _formulas("Correct", grade.correct_form)
    yield from (f"Where {_typed(equation)}" for equation in grade.where)
    if grade.counterexample is not None:
        yield from _case(grade.counterexample)
    if grade.evidence:
        yield from ((r"\textbf{Evidence.}"), _items(map(evidence_line, grade.evidence)))


def _formulas(heading: str, shown: Text | None) -> Iterator[str]:
    if shown is not None:
        yield rf"\textbf{{{heading}.}}"
        yield f"\\begin{{gather*}}\n{shown['latex']}\n\\end{{gather*}}"


def _case(shown: Counterexample) -> Iterator[str]:
    sizes = ", ".join(f"{size} = {extent}" for size, extent in shown.extents.items())
    at = f" at {latex_words(sizes)}" if sizes else ""
    yield rf"\textbf{{Counterexample}}{at}:"
    values = {**shown.values, "claimed": shown.claimed, "true": shown.true}
    rows = (f"{_typed(name)} & {_value(value)}" for name, value in values.items())
    lines = " \\\\\n".join(rows)
    yield f"\\begin{{tabular}}{{@{{}}ll@{{}}}}\n{lines}\n\\end{{tabular}}"


def _value(value: Any) -> str:
    return latex_words(value) if isinstance(value, str) else f"${value_latex(value)}$"


def _items(lines: Iterable[str]) -> str:
    items = (rf"\item {latex_words(line)}" for line in lines)
    return "\n".join([r"\begin{itemize}", *items, r"\end{itemize}"])


def _code(lines: Iterable[str]) -> list[str]:
    """Lines as they were typed."""
    typed = [_typed(line) for line in lines if line]
    return ["\\\\\n".join(typed)] if typed else []


def _typed(words: str) -> str:
    return rf"\texttt{{{latex_words(words)}}}"
