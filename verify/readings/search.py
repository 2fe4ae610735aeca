"""Which readings make a claim hold: single ones, then pairs, none larger than it need be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from derivations.errors import InputError
from derivations.language.tree import Call, Node, Number, Partial, Relation, walk
from derivations.typing.compile import Compiled
from verify.claims.holding import ground, holds
from verify.claims.typing import as_chains, as_rows, is_chain, type_relation
from verify.conventions import (
    AFTER_START,
    AS_WRITTEN,
    IMPLIED_BY,
    LAYOUTS,
    SCALARS,
    Reading,
    independent,
    meanings,
    without_special,
)
from verify.edits.point import Point
from verify.edits.sieve import Sieve, letters_of
from verify.exact.functions import functions_of, may_branch, used
from verify.exact.result import Failure
from verify.readings.cell_changes import all_scalar

_BLOCKS = frozenset({"concat", "hstack"})


def readings_of(
    compiled: Compiled, relation: Relation, seed: int = 0, failure: Failure | None = None
) -> list[Reading]:
    """Every minimal reading under which an equation holds, layouts first.

    Args:
        failure: where it fails as written; at an initial value, that may be left out.
    """
    search = _Search(compiled, relation, seed)
    found = list(search.found())
    if not found and failure is not None and min(failure.indices.values(), default=1) < 1:
        found += search.after_start()
    return found


class _Search:
    """The readings of one claim."""

    def __init__(self, compiled: Compiled, relation: Relation, seed: int) -> None:
        self.compiled, self.relation, self._seed = compiled, relation, seed
        self._tried: dict[str, bool] = {}
        self._refuter = Refuter(compiled, relation)
        self._all_scalar = all_scalar(compiled.cell)
        self._layouts = [r for r in LAYOUTS if _applies(r, self._refuter)]
        open_meanings = [r for r in meanings(compiled) if _applies(r, self._refuter)]
        self._meanings = _distinct(open_meanings, self._refuter)

    def found(self) -> Iterator[Reading]:
        """Single readings, then pairs of others."""
        singles = list(self._among(self._layouts, AS_WRITTEN, scalars=True))
        singles += [m for m in self._meanings if self._works(m)]
        names = {reading.name for reading in singles}
        singles = [reading for reading in singles if IMPLIED_BY.get(reading.name) not in names]
        yield from singles
        yield from self._pairs(names)

    def after_start(self) -> list[Reading]:
        """The reading without initial values, if the claim holds in it."""
        return [AFTER_START] if self._works(AFTER_START) else []

    def _works(self, reading: Reading) -> bool:
        if reading.name not in self._tried:
            self._tried[reading.name] = (
                not self._refuter.refuted(reading)
                and holds(self.compiled, self.relation, reading, self._seed).status == "holds"
            )
        return self._tried[reading.name]

    def _among(self, layouts: list[Reading], base: Reading, scalars: bool) -> Iterator[Reading]:
        """Layouts, and scalars if asked for, that mend a claim together with ``base``.

        Between scalars all layouts agree, so a claim that fails there fails in every one of them.
        """
        if not self.compiled.cell.sizes:
            return
        small = base + SCALARS
        if not self._all_scalar or not self._refuter.refuted(small):
            yield from (base + layout for layout in layouts if self._works(base + layout))
        if scalars and self._works(small):
            yield small

    def _pairs(self, known: set[str]) -> Iterator[Reading]:
        rest = [layout for layout in self._layouts if layout.name not in known]
        others = [m for m in self._meanings if m.name not in known]
        if SCALARS.name in known or not self._all_scalar:
            yield from (one + other for one, other in _twos(rest) if self._works(one + other))
        for meaning in others:
            yield from self._among(rest, meaning, scalars=SCALARS.name not in known)
        for one, other in _twos(others):
            if independent(one, other) and self._works(one + other):
                yield one + other


def _twos(readings: list[Reading]) -> Iterator[tuple[Reading, Reading]]:
    return combinations(readings, 2)


def _applies(reading: Reading, claim: Refuter) -> bool:
    """Whether a reading changes anything about this claim."""
    compiled, relation = claim.compiled, claim.relation
    if reading.off_kinks:
        return may_branch(used(compiled.cell) | _functions(compiled, relation))
    if reading.gradients == "rows":
        return any(isinstance(node, Partial) for node in walk(relation))
    if reading.name == "direct step":
        return any(isinstance(node, Partial) and node.immediate for node in walk(relation))
    if claim.changed(reading) != relation:
        return True
    if reading.name in ("step left", "step parameters"):
        return False
    return ground(compiled, reading).differs


def _functions(compiled: Compiled, relation: Relation) -> frozenset[str]:
    try:
        claim = type_relation(compiled, relation)
    except InputError:
        return frozenset()
    return functions_of(claim.left) | functions_of(claim.right)


def _distinct(found: list[Reading], claim: Refuter) -> list[Reading]:
    """Readings that come to the same relation are one; the first says it."""
    seen: list[tuple[Relation, bool, bool]] = []
    kept = []
    for reading in found:
        changes_cell = ground(claim.compiled, reading).differs
        key = (claim.changed(reading), changes_cell, reading.off_kinks)
        if changes_cell or key not in seen:
            kept.append(reading)
        seen.append(key)
    return kept


class Refuter:
    """Readings of one claim that fail at one point in floating point, which costs little to see.

    What holds in a reading holds between scalars with states that start at zero, too. Most
    readings fail there, at a point that they share.
    """

    def __init__(self, compiled: Compiled, relation: Relation) -> None:
        self.compiled, self.relation = compiled, relation
        self._chain = is_chain(compiled, relation)
        # The sizes of a zero block are inferred only where types are.
        self._open = any(
            isinstance(n, Call) and n.function in _BLOCKS and any(map(_is_number, n.args))
            for n in walk(relation)
        )
        self._letters = letters_of(compiled.cell, relation)
        self._every_size = all_scalar(compiled.cell)
        self._changed: dict[str, Relation] = {}
        self._read: dict[str, tuple[Relation, bool]] = {}
        self._same: dict[Relation, Relation] = {}
        self._sieves: dict[int, Sieve] = {}
        self._seen: dict[tuple[int, int, bool], bool] = {}

    def changed(self, reading: Reading) -> Relation:
        """The claim as a reader of this kind would write it; equal ones are one object."""
        if reading.name not in self._changed:
            found = reading.relation(self.relation, self.compiled)
            self._changed[reading.name] = self._same.setdefault(found, found)
        return self._changed[reading.name]

    def refuted(self, reading: Reading) -> bool:
        """Whether a reading cannot hold."""
        if self._every_size or "slopes" not in reading.ground:
            shared = ground(self.compiled, without_special(reading)).special
            small = reading.between_scalars if self._every_size else reading
            if self._differs(shared, *self._evaluated(small)):
                return True
        point = ground(self.compiled, reading).point
        changed, rows = self._evaluated(reading)
        if self._differs(point, changed, rows):
            return True
        # A reading in which the left side is always zero says nothing.
        return bool(reading.says) and self._sieves[id(point)].vanishes(changed.left)

    def _evaluated(self, reading: Reading) -> tuple[Relation, bool]:
        """The claim as it is evaluated under a reading, and whether gradients are rows."""
        found = self._read.get(reading.name)
        if found is None:
            changed, rows = self.changed(reading), reading.gradients == "rows"
            if rows:
                changed = as_rows(changed)
            elif self._chain:
                changed = as_chains(changed)
            found = self._read[reading.name] = (self._same.setdefault(changed, changed), rows)
        return found

    def _differs(self, point: Point, changed: Relation, rows: bool) -> bool:
        key = (id(point), id(changed), rows)
        if key not in self._seen:
            if id(point) not in self._sieves:
                self._sieves[id(point)] = Sieve(point, self.relation, letters=self._letters)
            verdict = self._sieves[id(point)].verdict(changed, contracts=rows or self._chain)
            self._seen[key] = verdict == "differs" or (verdict == "misfit" and not self._open)
        return self._seen[key]


def _is_number(node: Node) -> bool:
    return isinstance(node, Number)


def typed_somewhere(compiled: Compiled, relation: Relation) -> bool:
    """Whether a claim whose shapes do not fit as written fits for scalars or as rows."""
    for reading in (SCALARS, *LAYOUTS):
        base = ground(compiled, reading)
        try:
            type_relation(base.compiled, reading.relation(relation, compiled), reading.gradients)
        except InputError:
            continue
        return True
    return False
