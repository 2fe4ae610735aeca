"""Which readings make a claim hold: single ones, then pairs, none larger than it need be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derivations.errors import InputError
from derivations.language.tree import Call, Node, Number, Partial, Relation, walk
from derivations.typing.compile import Compiled
from verify.cell_changes import scalar_sizes
from verify.claim_typing import as_chains, as_rows, is_chain, type_relation
from verify.claims import Holding, ground, holds
from verify.conventions import AS_WRITTEN, LAYOUTS, SCALARS, Reading, meanings
from verify.edits.sieve import Sieve
from verify.exact.functions import functions_of, may_branch, used

_BLOCKS = frozenset({"concat", "hstack"})
Try = Callable[[Reading], Holding]


def readings_of(compiled: Compiled, relation: Relation, seed: int = 0) -> list[Reading]:
    """Every minimal reading under which an equation holds, layouts first."""
    tried: dict[str, bool] = {}
    refuter = Refuter(compiled, relation)

    def works(reading: Reading) -> bool:
        if reading.name not in tried:
            tried[reading.name] = (
                not refuter.refuted(reading)
                and holds(compiled, relation, reading, seed).status == "holds"
            )
        return tried[reading.name]

    layouts = [r for r in LAYOUTS if _applies(r, compiled, relation)]
    open_meanings = [r for r in meanings(compiled) if _applies(r, compiled, relation)]
    open_meanings = _distinct(open_meanings, compiled, relation)
    singles = list(_among(layouts, compiled, works, AS_WRITTEN))
    singles += [m for m in open_meanings if works(m)]
    return singles + list(_pairs(layouts, open_meanings, compiled, works, singles))


def _among(
    layouts: list[Reading], compiled: Compiled, works: Callable[[Reading], bool], base: Reading
) -> Iterator[Reading]:
    """Layouts, and scalars, that mend a claim together with ``base``.

    Between scalars all layouts agree, so a claim that fails there fails in every one of them.
    """
    sizes = compiled.cell.sizes
    if not sizes:
        return
    every_size = len(scalar_sizes(compiled.cell)) == len(sizes)
    small = works(base + SCALARS)
    if small or not every_size:
        yield from (base + layout for layout in layouts if works(base + layout))
    if small:
        yield base + SCALARS


def _pairs(
    layouts: list[Reading],
    open_meanings: list[Reading],
    compiled: Compiled,
    works: Callable[[Reading], bool],
    singles: list[Reading],
) -> Iterator[Reading]:
    known = {reading.name for reading in singles}
    rest = [layout for layout in layouts if layout.name not in known]
    others = [m for m in open_meanings if m.name not in known]
    if SCALARS.name in known or len(scalar_sizes(compiled.cell)) < len(compiled.cell.sizes):
        for position, one in enumerate(rest):
            for other in rest[position + 1 :]:
                if works(one + other):
                    yield one + other
    for meaning in others:
        for found in _among(rest, compiled, works, meaning):
            if SCALARS.name not in known or not found.name.endswith(SCALARS.name):
                yield found
    for position, one in enumerate(others):
        for other in others[position + 1 :]:
            if "total" not in (one.name, other.name) and works(one + other):
                yield one + other


def _applies(reading: Reading, compiled: Compiled, relation: Relation) -> bool:
    """Whether a reading changes anything about this claim."""
    if reading.off_kinks:
        return may_branch(used(compiled.cell) | _functions(compiled, relation))
    if reading.gradients == "rows":
        return any(isinstance(node, Partial) for node in walk(relation))
    if reading.name == "direct step":
        return any(isinstance(node, Partial) and node.immediate for node in walk(relation))
    if reading.name in ("step left", "step parameters"):
        return reading.relation(relation, compiled) != relation
    return reading.relation(relation, compiled) != relation or ground(compiled, reading).differs


def _functions(compiled: Compiled, relation: Relation) -> frozenset[str]:
    try:
        claim = type_relation(compiled, relation)
    except InputError:
        return frozenset()
    return functions_of(claim.left) | functions_of(claim.right)


def _distinct(found: list[Reading], compiled: Compiled, relation: Relation) -> list[Reading]:
    """Readings that come to the same relation are one; the first says it."""
    seen: list[tuple[Relation, bool, bool]] = []
    kept = []
    for reading in found:
        changes_cell = ground(compiled, reading).differs
        key = (reading.relation(relation, compiled), changes_cell, reading.off_kinks)
        if changes_cell or key not in seen:
            kept.append(reading)
        seen.append(key)
    return kept


class Refuter:
    """Readings of one claim that fail at one point in floating point, which costs little to see."""

    def __init__(self, compiled: Compiled, relation: Relation) -> None:
        self.compiled, self.relation = compiled, relation
        self._chain = is_chain(compiled, relation)
        # The sizes of a zero block are inferred only where types are.
        self._open = any(
            isinstance(n, Call) and n.function in _BLOCKS and any(map(_is_number, n.args))
            for n in walk(relation)
        )
        self._sieves: dict[int, Sieve] = {}
        self._seen: dict[tuple[int, Relation, bool], bool] = {}

    def refuted(self, reading: Reading) -> bool:
        """Whether a reading cannot hold."""
        changed = reading.relation(self.relation, self.compiled)
        rows = reading.gradients == "rows"
        if rows:
            changed = as_rows(changed)
        elif self._chain:
            changed = as_chains(changed)
        point = ground(self.compiled, reading).point
        key = (id(point), changed, rows)
        if key not in self._seen:
            if id(point) not in self._sieves:
                self._sieves[id(point)] = Sieve(point, self.relation)
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
