"""``check``: the grade of a claim, with evidence, a counterexample and the correct form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from derivations.errors import Ambiguous, InputError
from derivations.language.tree import Relation
from derivations.loading import load
from derivations.topics import is_topic
from derivations.typing.compile import Compiled
from verify.claims.chains import at_common_times, links, without_definition, worst
from verify.claims.correct_form import correct_form, where
from verify.claims.counterexample import counterexample
from verify.claims.domain import Vacuous
from verify.claims.effort import TooLarge
from verify.claims.evidence import METHODS, floating_evidence
from verify.claims.givens import given_about
from verify.claims.grade import Counterexample, Grade, Text
from verify.claims.holding import Holding, Identity, decided, ground, holds, identity_of
from verify.claims.lengths import holds_up_to
from verify.claims.spaces import without_space
from verify.claims.typing import read_about
from verify.conventions import AS_WRITTEN, SCALARS, Reading
from verify.edits import Repair
from verify.edits import mend as smallest_mend
from verify.edits.mending import SECONDS
from verify.edits.place import Place
from verify.exact import ExactResult
from verify.exact.arbiter import DIGITS
from verify.exact.result import Failure
from verify.flat import flatness
from verify.inequalities.decision import grade_inequality
from verify.methods import chosen
from verify.readings.search import readings_of, typed_somewhere

BRIEF_SECONDS = 0.3
"""Time that a brief search for a mend may take."""


def check(
    cell: str | Sequence[str],
    claim: str,
    methods: Sequence[str] = ("exact", "differences"),
    seed: int = 0,
    mend: bool = True,
    brief: bool = False,
) -> Grade:
    """Grade one claim.

    Args:
        cell: a catalogue name, a topic, a path, or equations, one string each.
        claim: text or LaTeX; lines before the last one introduce names.
        methods: of exact, autodiff, differences; exact is always asked.
        seed: fixes every random value.
        mend: whether a wrong claim is searched for the edit that mends it.
        brief: whether little time is spent on that, as for one line of a long file, and none on
            near cells or on the lengths up to which a claim holds.

    Raises:
        InputError: the cell or the claim cannot be read, a method does not exist, or the claim
            is about no time at all.
    """
    chosen(methods, METHODS)
    if isinstance(cell, str) and is_topic(cell):
        from verify.topics.claims import grade_topic

        return grade_topic(cell, claim, seed, mend)
    stated, space = without_space(claim)
    about, said = given_about(load(cell), stated)
    parts = without_definition(about, links(said))
    if space is not None:
        space.check(about, parts[-1])
    if len(parts) == 1:
        return replace(_checked(about, parts[0], methods, seed, mend, brief), claim=claim)
    graded = []
    for link in at_common_times(about, parts):
        graded.append(_checked(about, link, methods, seed, mend, brief))
        if graded[-1].verdict == "wrong":
            break
    return worst(graded, claim)


def _checked(
    cell: Compiled, claim: str, methods: Sequence[str], seed: int, mend: bool, brief: bool
) -> Grade:
    compiled, relation = read_about(cell, claim)
    if relation.operator != "=":
        return grade_inequality(compiled, relation, seed)
    search = partial(_mended, compiled, relation, seed, brief) if mend else _no_mend
    grade = _grade(compiled, relation, tuple(methods), seed, search, brief)
    shown = where(compiled, grade.repair, grade.correct_form)
    return replace(grade, where=shown)


@dataclass(frozen=True)
class _Mend:
    """What a search for the mend of a claim came to."""

    repair: Repair | None = None
    near: tuple[str, ...] = ()

    @property
    def text(self) -> Text | None:
        """The mended claim."""
        found = self.repair
        return {"text": found.text, "latex": found.latex} if found is not None else None

    @property
    def sentence(self) -> str:
        """What mends the claim."""
        return f"To mend it, {self.repair.sentence}." if self.repair else ""

    @property
    def place(self) -> Place | None:
        """The one part that it replaces."""
        return self.repair.place if self.repair is not None else None


def _grade(
    compiled: Compiled,
    relation: Relation,
    methods: tuple[str, ...],
    seed: int,
    search: Callable[..., _Mend],
    brief: bool,
) -> Grade:
    identity = _identity(compiled, relation)
    if identity is not None:
        found = decided(ground(compiled), identity, AS_WRITTEN, seed)
    else:
        found = holds(compiled, relation, AS_WRITTEN, seed)
    form = correct_form(compiled, relation)
    evidence = list(_exact_evidence(found.exact)) if found.exact else []
    if identity is not None and found.status in ("holds", "fails"):
        evidence += floating_evidence(compiled, identity, methods, seed, _failure(found))
    if found.status == "holds":
        refuted = [e["method"] for e in evidence[1:] if e["status"] == "fail"]
        if refuted:
            return Grade(
                "undecided", evidence=tuple(evidence), correct_form=form,
                reason=f"the exact method accepts the claim, {refuted[0]} does not",
            )  # fmt: skip
        reason = "The claim holds for all sizes, lengths and values."
        if found.exact is not None and found.exact.zero and flatness(compiled.cell):
            reason = f"The claim holds as 0 = 0 and says no more: {flatness(compiled.cell)}."
        return Grade("correct", evidence=tuple(evidence), correct_form=form, reason=reason)
    readings = readings_of(compiled, relation, seed, _failure(found))
    if found.status == "undecided" and not readings:
        return Grade("undecided", evidence=tuple(evidence), correct_form=form, reason=found.reason)
    shown = _counterexample(compiled, relation, identity, found, readings, seed)
    mend = search(near=not readings)
    if readings:
        conditions = tuple(reading.says for reading in readings)
        return Grade(
            "conditional", conditions, tuple(evidence), shown, mend.text, form,
            reason=f"The claim holds only if {'; or if '.join(conditions)}.",
            near=mend.near, place=mend.place,
        )  # fmt: skip
    reason = "The claim is wrong."
    if found.exact is None and found.reason:
        reason = f"The claim is wrong: {found.reason}."
    elif identity is not None and shown is not None and shown.T is not None and not brief:
        short = holds_up_to(ground(compiled), identity, shown.T, seed)
        reason = f"The claim is wrong: it holds for {short} only." if short else reason
    return Grade(
        "wrong", (), tuple(evidence), shown, mend.text, form,
        reason=" ".join(filter(None, (reason, mend.sentence))), near=mend.near, place=mend.place,
    )  # fmt: skip


def _identity(compiled: Compiled, relation: Relation) -> Identity | None:
    """The typed claim as written; ``None`` where its shapes do not fit.

    Raises:
        InputError: it cannot be evaluated under any reading, or is about no time at all.
    """
    try:
        return identity_of(ground(compiled), compiled, relation, AS_WRITTEN)
    except (Vacuous, TooLarge, Ambiguous):
        raise
    except InputError:
        if typed_somewhere(compiled, relation):
            return None
        raise


def _failure(found: Holding) -> Failure | None:
    """Where the exact method sees a difference."""
    return found.exact.failure if found.exact is not None else None


def _exact_evidence(exact: ExactResult) -> Iterator[dict[str, Any]]:
    """What the finite field says, and where it cannot decide, what many digits say."""
    evidence: dict[str, Any] = {
        "method": "exact", "status": exact.status, "cases": exact.cases, "degree": exact.degree,
        "bound": exact.bound if exact.status == "pass" else None,
    }  # fmt: skip
    if exact.reason:
        evidence["reason"] = exact.reason
    yield evidence
    if exact.agreed:
        yield {"method": "digits", "status": "pass", "cases": exact.agreed, "digits": DIGITS[0]}


def _counterexample(
    compiled: Compiled,
    relation: Relation,
    identity: Identity | None,
    found: Holding,
    readings: list[Reading],
    seed: int,
) -> Counterexample | None:
    """Of the claim as written, or where that has no value, of the claim between scalars."""
    failure = _failure(found)
    cell = compiled.cell
    if identity is None:
        if readings:
            return None
        base = ground(compiled, SCALARS)
        try:
            identity = identity_of(base, compiled, relation, SCALARS)
        except InputError:
            return None
        small = holds(compiled, relation, SCALARS, seed)
        if identity is None or small.status != "fails" or small.exact is None:
            return None
        failure, cell = small.exact.failure, base.cell
    shown = counterexample(cell, identity.left, identity.right, identity.domain, failure)
    if shown is not None and cell is not compiled.cell:
        sizes = {str(size): 1 for size in compiled.cell.sizes}
        shown = replace(shown, sizes={**sizes, **shown.sizes})
    return shown


def _no_mend(near: bool) -> _Mend:
    """Where none is asked for."""
    return _Mend()


def _mended(compiled: Compiled, relation: Relation, seed: int, brief: bool, near: bool) -> _Mend:
    """The smallest mend, and if asked for, near cells about which the claim is right."""
    from verify.readings.near import near_cell

    cell = near_cell(compiled, relation) if near and not brief else None
    about = (cell.sentence,) if cell is not None else ()
    seconds = BRIEF_SECONDS if brief else SECONDS
    found = smallest_mend(compiled, relation, lambda c, r: holds(c, r, AS_WRITTEN, seed), seconds)
    return _Mend(found, about)
