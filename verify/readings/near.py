"""The near cell: a cell that differs by one convention, about which a wrong claim is right."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from derivations.cell import LOSS
from derivations.errors import GradproofError
from derivations.language.tree import CellSource, Name, Relation, walk
from derivations.language.unparse import unparse
from derivations.typing.compile import Compiled, compile_cell
from verify.claims.holding import holds
from verify.edits.mending import LAYOUT, mend
from verify.readings.variations import VARIATIONS, Equations, Variation

SECONDS = 1.2
"""Processor time the search may take."""
LAYOUT_SECONDS = 0.3
"""The same for another layout of the claim about one near cell."""
NEAREST = 2
"""So many variations, and cells, are near enough for that."""
HoldsAbout = Callable[[CellSource, Relation], bool]


@dataclass(frozen=True)
class NearCell:
    """A cell about which the claim, unchanged, is right.

    Attributes:
        name: what differs, in a few words.
        sentence: the same with the equations that differ.
        source: the near cell.
    """

    name: str
    sentence: str
    source: CellSource


def about(source: CellSource, relation: Relation) -> bool:
    """Whether a claim holds, as written, about a cell that is not yet typed, and is not 0 = 0."""
    return _says(compile_cell(source), relation)


def near_cell(
    compiled: Compiled,
    relation: Relation,
    holds_about: HoldsAbout = about,
    seconds: float = SECONDS,
) -> NearCell | None:
    """The first near cell about which the claim is right; ``None`` if there is none in time.

    Where there is none, a claim with its factors in another layout is tried about the nearest.

    Args:
        compiled: the cell that the claim was made about.
        relation: the claim, an equation.
        holds_about: the exact check, about any cell.
        seconds: processor time after which the search ends.
    """
    deadline = time.process_time() + seconds
    nearest: list[tuple[Variation, CellSource]] = []
    for variation, source in _cells(compiled, relation):
        if time.process_time() > deadline:
            break
        try:
            right = holds_about(source, relation)
        except GradproofError:
            continue
        if right:
            return NearCell(variation.name, _sentence(variation, compiled, source), source)
        if variation in VARIATIONS[:NEAREST]:
            nearest.append((variation, source))
    for variation, source in nearest[:NEAREST]:
        found = _up_to_layout(variation, compiled, source, relation)
        if found is not None:
            return found
    return None


def _cells(compiled: Compiled, relation: Relation) -> Iterator[tuple[Variation, CellSource]]:
    """Near cells that have every variable of the claim."""
    own = compiled.source.equations
    templates = set(compiled.cell.templates)
    used = templates & {node.name for node in walk(relation) if isinstance(node, Name)}
    for variation in VARIATIONS:
        for equations in variation.apply(own):
            named = {n.name for e in equations for n in walk(e) if isinstance(n, Name)}
            if equations != own and used <= named | {LOSS}:
                yield variation, replace(compiled.source, equations=equations)


def _says(compiled: Compiled, relation: Relation) -> bool:
    """Whether a claim holds and its left side is not zero everywhere."""
    found = holds(compiled, relation)
    return found.status == "holds" and found.exact is not None and not found.exact.zero


def _up_to_layout(
    variation: Variation, compiled: Compiled, source: CellSource, relation: Relation
) -> NearCell | None:
    """The near cell if reordering or transposing factors is all that the claim lacks there."""
    try:
        near = compile_cell(source)
        repair = mend(near, relation, holds, seconds=LAYOUT_SECONDS, kinds=LAYOUT)
        if repair is None or not _says(near, repair.relation):
            return None
    except GradproofError:
        return None
    sentence = _sentence(variation, compiled, source)
    return NearCell(
        variation.name, f"{sentence} There the factors stand so: {repair.text}.", source
    )


def _sentence(variation: Variation, compiled: Compiled, source: CellSource) -> str:
    own: Equations = compiled.source.equations
    changed = "; ".join(unparse(equation) for equation in source.equations if equation not in own)
    return f"The claim is right about the cell with {variation.name}: {changed}."
