"""The smallest edit, or pair of edits, that makes a claim hold in all cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from derivations.errors import GradproofError
from derivations.language.tree import Node, Relation, walk
from derivations.language.unparse import unparse
from derivations.render.latex import latex
from derivations.render.style import Style
from derivations.same import Same
from derivations.typing.compile import Compiled
from verify.claims.typing import as_chains, is_chain, type_relation
from verify.edits.place import Place, place_of
from verify.edits.planting import plant
from verify.edits.point import Point
from verify.edits.sieve import Sieve
from verify.edits.table import EDITS
from verify.edits.times import tidied
from verify.readings.relation_changes import after_start

SECONDS = 3.0
"""Processor time a search may take: a busy machine finds no less."""
LAYOUT = frozenset({"transpose", "order of factors", "direction of the product", "product kind"})
"""Edits that change nothing between scalars."""
STARTED = "initial values"
"""The name of a mend that only leaves them out."""
MOST_UNKNOWN = 12
"""Candidates beyond the sieve that are checked exactly."""


class Status(Protocol):
    """What a check of a relation says."""

    @property
    def status(self) -> str:
        """``holds`` where the relation holds at every size, time and value."""


Holds = Callable[[Compiled, Relation], Status]


@dataclass(frozen=True)
class Repair:
    """A claim that holds, close to one that does not.

    Attributes:
        names: the edits, each a row of the table.
        relation: the mended claim; ``text`` and ``latex`` print it.
        place: the one part of the claim that differs, where it is one.
    """

    names: tuple[str, ...]
    relation: Relation
    text: str
    latex: str
    place: Place | None = None

    @property
    def sentence(self) -> str:
        """What to do, one clause per edit."""
        said = {STARTED: "leave initial values out"} | {e.name: e.sentence for e in EDITS}
        return "; ".join(dict.fromkeys(said[name] for name in self.names))


def mend(
    compiled: Compiled,
    relation: Relation,
    holds: Holds,
    seconds: float = SECONDS,
    kinds: frozenset[str] | None = None,
) -> Repair | None:
    """The smallest mend of a wrong equation; ``None`` where none was found in time.

    Single edits first, then pairs: those that a layout edit completes before all others. A sieve
    in floating point at one point leaves few candidates; each of them is checked exactly. A mend
    for times from 1 on is one where none holds at initial values, too.

    Args:
        holds: the exact check.
        seconds: processor time after which the search ends.
        kinds: names of the rows of the table to use; all by default.
    """
    if relation.operator != "=":
        return None
    deadline = time.process_time() + seconds
    started = after_start(relation, compiled)
    search = _Search(compiled, started, holds, deadline, kinds)
    if started != relation and search.agrees(started) and search.accepts(started):
        return _repair(compiled, (STARTED,), relation, started)
    later: Repair | None = None
    for names, candidate in search.candidates():
        if later is not None and len(names) > len(later.names):
            break
        mended = replace(candidate, conditions=relation.conditions)
        if search.agrees(mended) and search.accepts(mended):
            return _repair(compiled, names, relation, mended)
        if later is None and candidate != mended and search.accepts(candidate):
            later = _repair(compiled, names, relation, candidate)
        if time.process_time() > deadline:
            break
    return later


@lru_cache(maxsize=8)
def _points(compiled: Same[Compiled]) -> tuple[Point, Point]:
    return Point(compiled.value), Point(compiled.value, scalar=True)


class _Search:
    """Candidates for one claim, smallest first."""

    def __init__(
        self,
        compiled: Compiled,
        relation: Relation,
        holds: Holds,
        deadline: float,
        kinds: frozenset[str] | None,
    ) -> None:
        self._kinds = kinds
        self.compiled, self.relation = compiled, relation
        self._holds, self._deadline = holds, deadline
        full, small = _points(Same(compiled))
        self._full, self._small = Sieve(full, relation), Sieve(small, relation)
        self._unknown = 0
        self._chain = is_chain(compiled, relation)
        self._parts = set(walk(relation.right))

    def accepts(self, candidate: Relation) -> bool:
        """Whether a candidate holds exactly and says something."""
        return not self._tautology(candidate) and (
            self._holds(self.compiled, candidate).status == "holds"
        )

    def agrees(self, candidate: Relation) -> bool:
        """Whether the sieve leaves a candidate."""
        return self._verdict(self._full, candidate) in ("agrees", "unknown")

    def _tautology(self, candidate: Relation) -> bool:
        """Whether a side that the claim is about was put on the other side, too."""
        left = candidate.left
        return left not in self._parts and any(part == left for part in walk(candidate.right))

    def candidates(self) -> Iterator[tuple[tuple[str, ...], Relation]]:
        """What passes the sieve: single edits, then pairs."""
        singles: list[tuple[str, Relation]] = []
        for name, changed in plant(self.compiled, self.relation, self._kinds):
            singles.append((name, changed))
            if self._passes(changed):
                yield (name,), changed
            if self._late():
                return
        right_for_scalars = [
            (name, changed)
            for name, changed in singles
            if not self._late() and self._verdict(self._small, changed) == "agrees"
        ]
        yield from self._pairs(right_for_scalars)
        yield from self._pairs(singles)

    def _pairs(
        self, firsts: list[tuple[str, Relation]]
    ) -> Iterator[tuple[tuple[str, ...], Relation]]:
        for first, changed in firsts:
            for second, twice in plant(self.compiled, changed, self._kinds):
                if self._late():
                    return
                if twice != self.relation and self._passes_both(twice):
                    yield (first, second), twice

    def _late(self) -> bool:
        return time.process_time() > self._deadline

    def _verdict(self, sieve: Sieve, candidate: Relation) -> str:
        """What a sieve says; gradients left of Jacobians are rows there, as in the exact check."""
        shown = as_chains(candidate) if self._chain else candidate
        return sieve.verdict(shown, contracts=self._chain)

    def _passes(self, candidate: Relation) -> bool:
        verdict = self._verdict(self._full, candidate)
        if verdict == "unknown":
            self._unknown += 1
            return self._unknown <= MOST_UNKNOWN
        return verdict == "agrees"

    def _passes_both(self, candidate: Relation) -> bool:
        sieves = (self._small, self._full)
        return all(self._verdict(sieve, candidate) == "agrees" for sieve in sieves)


def _repair(
    compiled: Compiled, names: tuple[str, ...], claim: Relation, relation: Relation
) -> Repair:
    text = unparse(tidied(relation))

    def shown(node: Node) -> str | None:
        try:
            typed = type_relation(compiled, Relation("=", node, node)).left
        except GradproofError:
            return None
        return latex(typed, style)

    style = Style(displays=compiled.cell.displays)
    try:
        typed = type_relation(compiled, relation)
        printed = f"{latex(typed.left, style)} = {latex(typed.right, style)}"
        times = [rf"{unparse(c.left)} \le {unparse(c.right)}" for c in relation.conditions]
        printed += rf" \qquad {', '.join(times)}" if times else ""
    except GradproofError:
        printed = text
    place = place_of(claim, replace(relation, conditions=claim.conditions), shown)
    return Repair(names, relation, text, printed, place)
