"""The grade of a claim as HTML: verdict, the place of the mistake, counterexample, mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from derivations.render.html import page
from derivations.render.html.mathml import mathml
from derivations.render.html.templates import rendered
from verify.claims.grade import Counterexample, Grade, Text
from verify.claims.grade_output import evidence_line
from verify.pages.values import value_math

FOLDER = Path(__file__).parent / "templates"
LOOK = {"correct": "good", "conditional": "unsure", "wrong": "bad", "undecided": "unsure"}
"""Colour by verdict."""


def grade_fragment(grade: Grade, name: str = "") -> Markup:
    """One claim with its grade, without the page around it.

    Args:
        name: what tells the claim from others on the page.
    """
    verdict = grade.verdict or "bad input"
    return rendered(
        FOLDER,
        "grade.html",
        name=name,
        claim=marked(grade),
        grade=grade,
        verdict=verdict,
        look=LOOK.get(verdict, "bad"),
        evidence=list(map(evidence_line, grade.evidence)),
        case=_case(grade.counterexample),
        repair=formulas(grade.repair),
        correct_form=formulas(grade.correct_form),
    )


def grades_page(graded: Mapping[str, Grade]) -> str:
    """All grades by their names as one HTML file, ending in a newline."""
    title = "A claim" if len(graded) == 1 else "Claims"
    heading = rendered(FOLDER, "grades.html", title=title, counts=_counts(graded.values()))
    found = (grade_fragment(grade, name) for name, grade in graded.items())
    return page(title, heading + Markup("").join(found))


def marked(grade: Grade) -> Markup:
    """The claim as it was typed, with the part that a mend replaces marked."""
    lines = grade.claim.splitlines()
    place = grade.place
    if place is None or not 1 <= place.span.line <= len(lines):
        return escape(grade.claim)
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
        "sizes": shown.extents,
        "values": {name: value_math(value) for name, value in shown.values.items()},
        "claimed": value_math(shown.claimed),
        "true": value_math(shown.true),
        "error": f"{shown.relative_error:.3g}",
    }


def _counts(grades: Collection[Grade]) -> dict[str, int]:
    """How many claims have each verdict, where there are several."""
    return dict(Counter(g.verdict or "bad input" for g in grades)) if len(grades) > 1 else {}
