"""The gallery: a page for every cell and topic, derived and verified while the site is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from derivations import derive
from derivations.catalogue import header, names, read
from derivations.derivation import Derivation
from derivations.render.document import derivation_document
from derivations.render.html import fragment
from derivations.topics import topics
from verify import verify
from verify.pages import report_fragment
from verify.report import Report
from verify.topics.verification import verify_topic


class NotVerified(Exception):
    """A formula of the gallery does not hold: there must be no site that shows it."""


@dataclass(frozen=True)
class Exhibit:
    """One page of the gallery.

    Attributes:
        equations: what was typed; empty for a topic.
        derivation, report: make what is shown, when it is needed.
    """

    name: str
    title: str
    source: str
    equations: str
    derivation: Callable[[], Derivation]
    report: Callable[[], Report]

    @property
    def path(self) -> str:
        """Where the page lies in the site."""
        return f"gallery/{self.name}.md"

    def markdown(self) -> str:
        """The page but for its derivation."""
        typed = f"```text\n{self.equations.strip()}\n```" if self.equations else ""
        source = f"Source: {self.source}." if self.source else ""
        return "\n\n".join(filter(None, (f"# {self.title}", source, typed))) + "\n"

    def html(self) -> str:
        """The derivation and how it was verified.

        Raises:
            NotVerified: a formula does not hold, or nothing was checked.
        """
        report = self.report()
        if not report.ok:
            raise NotVerified(f"{self.name}: {report.summary}")
        document = replace(derivation_document(self.derivation()), title="", source="")
        badge = f'<p class="good">Verified while this page was built: {report.summary}.</p>'
        details = f"<details><summary>Every check</summary>{report_fragment(report)}</details>"
        return (
            f'<div class="gradproof page">{badge}{fragment(document, figures=True)}{details}</div>'
        )


def exhibits() -> list[Exhibit]:
    """Every cell of the catalogue, then every topic."""
    return [*map(_cell, names()), *map(_topic, topics())]


def index() -> str:
    """The page that lists all others."""
    lines = ["# Gallery", "", "Each page is derived, and each of its formulas checked,"]
    lines += ["while the site is built: one that does not hold stops the build.", ""]
    lines += ["| Name | Title | Source |", "|---|---|---|"]
    for one in exhibits():
        lines.append(f"| [{one.name}]({one.name}.md) | {one.title} | {one.source} |")
    return "\n".join(lines) + "\n"


def _cell(name: str) -> Exhibit:
    text = read(name)
    title, source = header(text, "title"), header(text, "source")
    equations = "\n".join(
        line for line in text.splitlines() if not line.startswith(("title:", "source:"))
    )
    checked = partial(verify, name, methods=["exact"])
    return Exhibit(name, title, source, equations, partial(derive, name), checked)


def _topic(name: str) -> Exhibit:
    found = topics()[name]
    return Exhibit(name, found.title, found.source, "", found.build, partial(verify_topic, name))
