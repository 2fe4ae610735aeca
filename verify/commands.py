"""What the command line asks of this package: a report about a cell or topic, a file of claims."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from derivations.arguments import written_to
from derivations.errors import GradproofError
from derivations.topics import check_whole, is_topic
from verify.report import Report

if TYPE_CHECKING:
    from derivations.render.document import Document
    from verify.claims.grade import Grade

WRONG = 1


def verified(
    cell: str | list[str],
    wrt: str | None = None,
    method: str | None = None,
    cases: int = 4,
    seed: int = 0,
) -> Report:
    """The report about a cell or a topic; progress goes to standard error.

    Args:
        method: names separated by commas; all if left out.
    """
    asked = tuple(method.split(",")) if method else None
    if isinstance(cell, str) and is_topic(cell):
        from verify.topics.verification import METHODS as TOPIC_METHODS
        from verify.topics.verification import verify_topic

        check_whole(cell, wrt)
        return verify_topic(cell, asked or TOPIC_METHODS, seed)
    from verify.run import METHODS, verify

    return verify(cell, wrt, asked or METHODS, cases, seed, lambda line: click.echo(line, err=True))


def publish_verified(
    document: Document, cell: str | list[str], wrt: str | None, format_: str, output: str | None
) -> int:
    """Write a derivation, verify it, and say in one line what was found; the exit status.

    A page is written when that is known, and shows the report.
    """
    from derivations.arguments import write
    from derivations.publishing import publish

    if format_ != "html":
        publish(document, format_, output)
    report = verified(cell, wrt)
    if format_ == "html":
        from derivations.render.html import html_document
        from verify.pages import report_fragment

        write(html_document(document, report_fragment(report)), output)
    click.echo(f"verified: {report.summary}", err=True)
    return report.exit_status


def verify_cells(
    cells: Sequence[str | list[str]],
    wrt: str | None,
    method: str | None,
    cases: int,
    seed: int,
    as_json: bool,
    format_: str,
    output: str | None,
) -> int:
    """Verify cells one after the other and print what was found; the exit status of them all."""
    from verify.publishing import publish_reports
    from verify.table import print_report

    chosen = "json" if as_json else format_
    found: list[Report] = []
    with written_to(output):
        for cell in cells:
            report = verified(cell, wrt, method, cases, seed)
            found.append(report)
            if chosen == "json":
                click.echo(json.dumps(report.as_dict()))
            elif chosen == "text":
                print_report(report)
        publish_reports(found, chosen)
    statuses = [report.exit_status for report in found]
    return WRONG if WRONG in statuses else max(statuses)


def decided(file: str, length: int, vary: str | None, mend: bool, as_json: bool) -> int:
    """Decide a design and print what was found; the exit status."""
    from derivations.arguments import named_cell
    from verify.designs.run import design

    text = named_cell("-", ())[0] if file == "-" else None
    name = "<input>" if text is not None else file
    report = design(name, length, vary, mend, text, lambda line: click.echo(line, err=True))
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        for line in report.lines():
            click.echo(line)
    return report.status


def check_claim(
    cell: str | list[str],
    claim: str,
    methods: tuple[str, ...],
    seed: int,
    mend: bool,
    as_json: bool,
    format_: str,
    output: str | None,
) -> int:
    """Grade one claim and print what was found; the exit status.

    Raises:
        InputError: a bad cell or claim; as JSON, its message is printed first.
    """
    from verify.checking import check
    from verify.claims.grade import Grade
    from verify.claims.grade_output import print_grade
    from verify.publishing import publish_grades

    chosen = "json" if as_json else format_
    with written_to(output):
        try:
            grade = check(cell, claim, methods, seed, mend)
        except GradproofError as error:
            if chosen == "json":
                _print_json(Grade(None, error=str(error)))
            raise
        if chosen == "json":
            _print_json(grade)
        elif chosen == "text":
            print_grade(grade)
        publish_grades({"": grade}, chosen)
    return grade.status


def _print_json(grade: Grade) -> None:
    click.echo(json.dumps(grade.as_dict(), ensure_ascii=False))


def check_file(
    file: str,
    jobs: int,
    methods: tuple[str, ...],
    seed: int,
    mend: bool,
    as_json: bool,
    format_: str,
    output: str | None,
) -> int:
    """Grade a file of claims line by line; the exit status that its grades add up to."""
    from verify.claims.batch import Options, count_lines, file_status, grade_file, progress
    from verify.claims.grade_output import print_summary
    from verify.publishing import publish_grades

    chosen = "json" if as_json else format_
    statuses: set[int] = set()
    found: dict[str, Grade] = {}
    with written_to(output), progress(count_lines(file)) as advance:
        for number, graded in enumerate(grade_file(file, Options(methods, seed, mend), jobs), 1):
            name = str(graded.id if graded.id is not None else number)
            if chosen == "json":
                click.echo(graded.as_json())
            elif chosen == "text":
                print_summary(graded.grade, name)
            else:
                found[name if name not in found else f"{name} (line {number})"] = graded.grade
            statuses.add(graded.grade.status)
            advance()
        publish_grades(found, chosen)
    return file_status(tuple(statuses))
