"""The grade of a claim as HTML: verdict, the place of the mistake, counterexample, mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from derivations.render.html import page
from derivations.render.html.mathml import mathml
from derivations.render.html.templates import rendered
from verify.claims.counterexample import Counterexample
from verify.claims.grade import Grade, Text
from verify.claims.grade_output import evidence_line
from verify.pages.values import value_math

FOLDER = Path(__file__).parent / "templates"
LOOK = {"correct": "good", "conditional": "unsure", "wrong": "bad", "undecided": "unsure"}
"""Colour by verdict."""


@dataclass(frozen=True)
class GradedClaim:
    """A claim with its grade; ``name`` tells it from others in a file."""

    claim: str
    grade: Grade
    name: str = ""


def grade_fragment(graded: GradedClaim) -> Markup:
    """One claim with its grade, without the page around it."""
    grade = graded.grade
    verdict = grade.verdict or "bad input"
    return rendered(
        FOLDER,
        "grade.html",
        name=graded.name,
        claim=marked(graded.claim, grade),
        grade=grade,
        verdict=verdict,
        look=LOOK.get(verdict, "bad"),
        evidence=list(map(evidence_line, grade.evidence)),
        case=_case(grade.counterexample),
        repair=formulas(grade.repair),
        correct_form=formulas(grade.correct_form),
    )


def grades_page(graded: Iterable[GradedClaim]) -> str:
    """All grades as one HTML file, ending in a newline."""
    found = list(graded)
    title = "A claim" if len(found) == 1 else "Claims"
    heading = rendered(FOLDER, "grades.html", title=title, counts=_counts(found))
    return page(title, heading + Markup("").join(map(grade_fragment, found)))


def marked(claim: str, grade: Grade) -> Markup:
    """The claim as it was typed, with the part that a mend replaces marked."""
    lines = claim.splitlines()
    place = grade.place
    if place is None or not 1 <= place.span.line <= len(lines):
        return escape(claim)
    line = lines[place.span.line - 1]
    start, end = place.span.column - 1, place.span.end_column - 1
    shown = list(map(escape, lines))
    shown[place.span.line - 1] = Markup("{}<mark>{}</mark>{}").format(
        line[:start], line[start:end], line[end:]
    )
    return Markup("\n").join(shown)


def formulas(shown: Text | None) -> list[Markup]:
    """The lines of a mended claim or of a correct form."""
    return [mathml(line, True) for line in shown["latex"].split(" \\\\\n")] if shown else []


def _case(shown: Counterexample | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {
        "sizes": {**shown.sizes, shown.end: shown.T},
        "values": {name: value_math(value) for name, value in shown.values.items()},
        "claimed": value_math(shown.claimed),
        "true": value_math(shown.true),
        "error": f"{shown.relative_error:.3g}",
    }


def _counts(graded: Sequence[GradedClaim]) -> dict[str, int]:
    """How many claims have each verdict, where there are several."""
    found: dict[str, int] = {}
    for one in graded if len(graded) > 1 else ():
        verdict = one.grade.verdict or "bad input"
        found[verdict] = found.get(verdict, 0) + 1
    return found
