"""A grade for a reader: verdict, one sentence, evidence, counterexample, mend, correct form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from verify.claims.grade import Counterexample, Grade

if TYPE_CHECKING:
    from verify.edits.place import Place

LOOK = {"correct": "bold green", "conditional": "bold yellow", "wrong": "bold red",
        "undecided": "bold magenta", "bad input": "bold red"}  # fmt: skip


def print_grade(grade: Grade, name: str = "") -> None:
    """Print a grade on standard output, in colour on a terminal only."""
    # Not before: the process that prints one line for each line of a file needs no SymPy.
    from derivations.publishing import terminal_look
    from derivations.render.plaintext import PLAIN

    console = Console(highlight=False, soft_wrap=True)
    verdict = grade.verdict or "bad input"
    head = Text(f"{name}: " if name else "")
    head.append(verdict, LOOK[verdict])
    console.print(head)
    look = terminal_look() if console.is_terminal else PLAIN
    for line in grade_lines(grade, look.mathematics):
        console.print(Text(line))


def print_summary(grade: Grade, name: str) -> None:
    """One line about one grade, for a file of claims."""
    console = Console(highlight=False, soft_wrap=True)
    verdict = grade.verdict or "bad input"
    line = Text(f"{name:<24} ")
    line.append(f"{verdict:<12}", LOOK[verdict])
    said = grade.reason or (grade.error or "").splitlines()[0]
    line.append(f" {said}")
    console.print(line)


def grade_lines(grade: Grade, shown: Callable[[str], str] = str) -> Iterator[str]:
    """Everything about a grade but its verdict, line by line.

    Args:
        shown: how a formula of the tool's own is shown; what was typed stays as it is.
    """
    if grade.error is not None:
        yield grade.error
        return
    if grade.conditions:
        several = len(grade.conditions) > 1
        under = "one of these assumptions" if several else "an assumption"
        yield f"The claim holds only under {under}:"
        yield from (f"  - {condition}" for condition in grade.conditions)
    elif grade.reason:
        yield grade.reason
    for evidence in grade.evidence:
        yield "  " + evidence_line(evidence)
    if grade.counterexample is not None:
        yield from _counterexample(grade.counterexample)
    if grade.place is not None:
        yield from _place(grade.place)
    if grade.repair is not None:
        yield f"Mended:  {shown(grade.repair['text'])}"
    yield from grade.near
    if grade.correct_form is not None:
        first, *rest = shown(grade.correct_form["text"]).splitlines()
        yield f"Correct: {first}"
        yield from (f"         {line}" for line in rest)
    yield from (f"Where:   {shown(equation)}" for equation in grade.where)


def evidence_line(evidence: dict[str, Any]) -> str:
    """``exact: pass, 40 evaluations, a wrong claim passes with probability < 4e-48``."""
    parts = [f"{evidence['method']}: {evidence['status']}"]
    if evidence.get("cases"):
        parts.append(_evaluations(evidence["cases"]))
    if evidence.get("evaluations"):
        parts.append(_evaluations(evidence["evaluations"]))
    if evidence.get("digits"):
        parts.append(f"both sides agree in {evidence['digits']} digits")
    if evidence.get("bound") is not None:
        parts.append(
            f"degree {evidence['degree']}, a wrong claim passes with probability "
            f"< {max(evidence['bound'], 1e-300):.0e}"
        )
    if evidence.get("relative_error") is not None:
        parts.append(f"relative error {evidence['relative_error']:.1e}")
    if evidence.get("reason"):
        parts.append(str(evidence["reason"]))
    return ", ".join(parts)


def _evaluations(number: int) -> str:
    return f"{number} evaluation{'s' if number != 1 else ''}"


def _place(place: Place) -> Iterator[str]:
    span = place.span
    yield f"Line {span.line}, column {span.column}: {place.part} should be {place.replacement}"
    yield f"  {span.text}"
    yield "  " + " " * (span.column - 1) + "^" * max(1, span.end_column - span.column)


def _counterexample(shown: Counterexample) -> Iterator[str]:
    sizes = ", ".join(f"{name} = {size}" for name, size in shown.extents.items())
    yield f"Counterexample: {sizes}".strip()
    for name, value in shown.values.items():
        yield f"  {name} = {value if isinstance(value, str) else json.dumps(value)}"
    yield f"  claimed {json.dumps(shown.claimed)}"
    yield f"  true    {json.dumps(shown.true)}"
    yield f"  relative error {shown.relative_error:.3g}"
