"""What a verification found, as HTML: one sentence, a table, and what failed in full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from derivations.render.html import page
from derivations.render.html.templates import rendered
from verify.report import Report
from verify.table import HEADINGS, cells, remarks

FOLDER = Path(__file__).parent / "templates"
LOOKS = {"pass": "good", "fail": "bad", "vacuous": "unsure", "undecided": "unsure"}
"""Colour by the status of a result."""


def report_fragment(report: Report) -> Markup:
    """The report about one cell or topic, without the page around it."""
    return rendered(
        FOLDER,
        "report.html",
        name=report.cell,
        summary=report.summary,
        look="good" if report.ok else "bad" if report.failures else "unsure",
        headings=HEADINGS,
        looks=LOOKS,
        rows=[cells(result) for result in report.results],
        remarks="\n".join(remarks(report)),
    )


def reports_page(reports: Sequence[Report]) -> str:
    """All reports as one HTML file, ending in a newline."""
    heading = Markup("<h1>Verification</h1>")
    title = f"Verification of {', '.join(report.cell for report in reports)}"
    return page(title, heading + Markup("").join(map(report_fragment, reports)))
