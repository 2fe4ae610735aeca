"""What the page shows, as events with escaped HTML, each as soon as it is ready.

About a cell: its equations, the answer to the query, the graph, section by section the
derivation, and the verification. About a claim: its grade.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from sympy import Symbol

from derivations.answers import Answerer
from derivations.derivation import Section
from derivations.deriver import Deriver, deriver_of
from derivations.errors import GradproofError
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.language import parse_query
from derivations.loading import load
from derivations.pipeline import sections, wanted
from derivations.renaming import with_other_sizes
from derivations.render.document import Document, formulas_document
from derivations.render.html import fragment
from derivations.render.notes import Note, notes
from derivations.render.style import Style
from derivations.render.text import text
from derivations.typing.compile import Compiled
from derivations.typing.statements import read_query
from derivations.typing.step_losses import naming_step_losses
from derivations.unrolled.drawn import computation_graph
from verify.checking import check
from verify.derived import answerer
from verify.exactly import check_identities
from verify.identities import Identity, identities
from verify.pages import grade_fragment, report_fragment
from verify.report import Report, Result
from verify.serve.faults import fault_of
from verify.serve.worker import Event

MOST_SUGGESTIONS = 24
"""Queries that a page offers."""


@dataclass(frozen=True)
class Part(Document):
    """A part of a document, with the notes that it is given."""

    given_notes: tuple[Note, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """Those that were given: a part has none of its own."""
        return self.given_notes


def live_events(cell: str | list[str], asked: str | None) -> Iterator[Event]:
    """Everything about a cell, the gradient asked for before all that takes longer."""
    try:
        compiled = load(cell)
    except GradproofError as error:
        yield fault_of(error, "cell")
        return
    about = answerer(compiled).deriver
    chosen = (asked or "").strip() or _first(about)
    steps = sections(about)
    yield _cell(about, next(steps), chosen)
    try:
        yield from _answer(compiled, chosen)
        yield {"kind": "graph", "svg": computation_graph(cell, chosen).svg()}
    except GradproofError as error:
        yield fault_of(error, "query")
        yield {"kind": "graph", "svg": computation_graph(cell).svg()}
    said: list[Section] = []
    for number, section in enumerate(steps):
        said.append(section)
        yield {"kind": "section", "html": _part(about, f"part{number}-", section)}
    yield {"kind": "section", "html": _notation(about, said)}
    yield {"kind": "verification", "html": report_fragment(_verified(about))}


def _first(deriver: Deriver) -> str:
    """A query that the cell has an answer to."""
    return text(Adjoint(deriver.cell.templates[wanted(deriver, None)[0]]))


def _cell(deriver: Deriver, section: Section, chosen: str) -> Event:
    return {
        "kind": "cell",
        "title": deriver.cell.title,
        "html": _part(deriver, "cell-", section),
        "query": chosen,
        "queries": list(dict.fromkeys(_suggested(deriver)))[:MOST_SUGGESTIONS],
    }


def _suggested(deriver: Deriver) -> Iterator[str]:
    """Queries about the cell: each gradient, what a state does to itself later."""
    cell = deriver.cell
    for name in wanted(deriver, None):
        yield text(Adjoint(cell.templates[name]))
    with suppress(GradproofError):
        for group in deriver.flow.groups:
            for name in group.states:
                state, some = cell.templates[name], Symbol("k", integer=True)
                ends = (group.end, some) if group.forward else (some, group.end)
                yield text(Jacobian(*(state.at([step]) for step in ends)))
                pair = (state, state.at([group.earlier(1)]))
                yield text(Jacobian(*pair))
                yield text(Jacobian(*pair, True))


def _part(deriver: Deriver, prefix: str, section: Section) -> str:
    """One section of the derivation, its notes left for the end."""
    return str(fragment(Part((section,), Style(displays=deriver.cell.displays)), prefix))


def _notation(deriver: Deriver, said: Sequence[Section]) -> str:
    style = Style(displays=deriver.cell.displays)
    formulas = (f for section in said for step in section.steps for f in step.formulas)
    return str(fragment(Part((), style, given_notes=notes(formulas, style)), "end-"))


def _answer(compiled: Compiled, asked: str) -> Iterator[Event]:
    """The answer to a query, and what the exact method says about it."""
    named = naming_step_losses(compiled, parse_query(asked, compiled.source))
    about, left = with_other_sizes(named.cell, read_query(named, asked).left)
    answers = Answerer(deriver_of(about))
    found = answers.answer(left, "adjoint")
    formulas = (*found.formulas, *found.where)
    document = formulas_document(formulas, displays=found.cell.displays)
    yield {"kind": "query", "query": asked, "html": str(fragment(document, "answer-"))}
    derived = tuple(answers.deriver.adjoints.values())
    checked = [Identity("answer", formula) for formula in formulas]
    yield {"kind": "badge", **_badge(check_identities(about, derived, checked, 0))}


def _badge(results: Sequence[Result]) -> Event:
    """In one line what was found about an answer."""
    passed = [r for r in results if r.status == "pass"]
    failed = [r for r in results if r.status == "fail"]
    if failed:
        said = f"{len(failed)} of {len(results)} formulas fail the exact check"
    elif passed:
        bound = max(r.bound or 0.0 for r in passed)
        said = f"verified exactly: {len(passed)} of {len(results)} formulas, p < {bound:.0e}"
    else:
        said = results[0].reason if results else "nothing to verify"
    return {"look": "bad" if failed else "good" if passed else "unsure", "text": said}


def _verified(deriver: Deriver) -> Report:
    """All formulas of the cell, checked exactly."""
    found, missing = identities(deriver)
    derived = tuple(deriver.adjoints.values())
    name = deriver.cell.title or "this cell"
    results = check_identities(deriver.cell, derived, found, 0)
    return Report(name, results, [asdict(reason) for reason in missing])


def claim_events(cell: str | list[str], claim: str) -> Iterator[Event]:
    """The grade of a claim."""
    try:
        load(cell)
    except GradproofError as error:
        yield fault_of(error, "cell")
        return
    try:
        grade = check(cell, claim, ("exact",))
    except GradproofError as error:
        yield fault_of(error, "claim")
        return
    yield {"kind": "grade", "verdict": grade.verdict, "html": str(grade_fragment(grade))}
