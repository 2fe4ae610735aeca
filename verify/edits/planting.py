"""Planted mistakes: every edit, made once in every place of a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivations.language.tree import Name, Node, Relation, walk
from derivations.typing.compile import Compiled
from verify.edits.facts import Facts
from verify.edits.table import EDITS


def plant(
    compiled: Compiled, relation: Relation, kinds: frozenset[str] | None = None
) -> Iterator[tuple[str, Relation]]:
    """Every relation that differs from ``relation`` by one mistake, with the mistake's name.

    Some are no mistakes after all (a transposed diagonal matrix): whoever asks decides that.

    Args:
        kinds: names of the rows of the table to use; all by default.
    """
    facts = Facts(compiled, relation)
    seen = {relation}
    for edit in (e for e in EDITS if kinds is None or e.name in kinds):
        for changed in edit.apply(relation, facts):
            if changed not in seen:
                seen.add(changed)
                yield edit.name, _without_idle_times(relation, changed)


def _without_idle_times(before: Relation, after: Relation) -> Relation:
    """What was claimed for times of which an edit left no letter is claimed for all of the rest."""
    if not before.conditions:
        return after
    gone = _names(before.left, before.right) - _names(after.left, after.right)
    kept = tuple(c for c in after.conditions if not gone & _names(c))
    return replace(after, conditions=kept)


def _names(*nodes: Node) -> set[str]:
    return {part.name for node in nodes for part in walk(node) if isinstance(part, Name)}
