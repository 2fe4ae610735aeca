"""What the command line asks of this package: a report about a cell or topic, a file of claims."""

from __future__ import annotations

import json

import click

from derivations.errors import GradproofError
from derivations.topics import check_whole, is_topic
from verify.report import Report


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


def summarized(cell: str | list[str], wrt: str | None) -> int:
    """Verify, and say in one line on standard error what was found; the exit status."""
    report = verified(cell, wrt)
    passed = sum(result.status == "pass" for result in report.results)
    click.echo(
        f"verified: {passed} of {len(report.results)} checks pass, {len(report.failures)} fail",
        err=True,
    )
    return report.exit_status


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
) -> int:
    """Grade one claim and print what was found; the exit status.

    Raises:
        InputError: a bad cell or claim; as JSON, its message is printed first.
    """
    from verify.check import check
    from verify.claims.grade import Grade
    from verify.claims.grade_output import print_grade

    try:
        grade = check(cell, claim, methods, seed, mend)
    except GradproofError as error:
        if as_json:
            click.echo(json.dumps(Grade(None, error=str(error)).as_dict(), ensure_ascii=False))
        raise
    if as_json:
        click.echo(json.dumps(grade.as_dict(), ensure_ascii=False))
    else:
        print_grade(grade)
    return grade.status


def check_file(
    file: str, jobs: int, methods: tuple[str, ...], seed: int, mend: bool, as_json: bool
) -> int:
    """Grade a file of claims line by line; the exit status that its grades add up to."""
    from verify.claims.batch import Options, count_lines, file_status, grade_file, progress
    from verify.claims.grade_output import print_summary

    statuses: set[int] = set()
    with progress(count_lines(file)) as advance:
        for number, graded in enumerate(grade_file(file, Options(methods, seed, mend), jobs), 1):
            if as_json:
                click.echo(graded.as_json())
            else:
                print_summary(graded.grade, str(graded.id if graded.id is not None else number))
            statuses.add(graded.grade.status)
            advance()
    return file_status(tuple(statuses))
