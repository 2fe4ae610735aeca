"""The smallest edit of a claim about a topic after which it holds, and what the topic says instead.

The edits are those of claims about cells; in a topic signs stand inside indices, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from derivations.derivation import Derivation, Formula
from derivations.errors import InputError
from derivations.expressions.traverse import substitute
from derivations.language.tree import Binary, Name, Negative, Node, Reduction, Relation, walk
from derivations.render.latex import latex
from derivations.render.style import Style
from derivations.render.text import text
from derivations.typing.compile import Compiled
from verify.claims.grade import Text
from verify.edits.edit import Edit, everywhere
from verify.edits.facts import Facts, negated
from verify.edits.table import EDITS
from verify.topics.instances import instance
from verify.topics.reading import Spoken, TopicClaim, TopicReader
from verify.topics.spelling import functions_of

SECONDS = 2.0
"""Processor time after which a search ends."""
LEAST = 40
"""Claims that it looks at in any case, so that a near mend is found on a slow machine, too."""
SLOPES = frozenset({"slope at the wrong place", "slope from the value", "value for slope"})
"""Edits about slopes that the equations of a cell take; a topic has none."""
Holds = Callable[[TopicClaim], bool]


def mended(
    derivation: Derivation, spoken: Spoken, likely: Holds, holds: Holds
) -> tuple[Text, str] | None:
    """The mended claim and what was done to it; ``None`` where no edit is found in time.

    Args:
        likely: a quick look that leaves few candidates.
        holds: whether a claim holds everywhere.
    """
    reader = TopicReader(derivation)
    facts = _TopicFacts(reader.compiled, spoken, functions_of(derivation))
    deadline = time.process_time() + SECONDS
    seen = {spoken.relation}
    parts = set(walk(spoken.relation.right))
    for edit in (_SIGN_OF_INDEX, *(e for e in EDITS if e.name not in SLOPES)):
        for relation in edit.apply(spoken.relation, facts):
            if time.process_time() > deadline and len(seen) > LEAST:
                return None
            left = relation.left
            says_nothing = left not in parts and left in walk(relation.right)
            if relation in seen or says_nothing:
                continue
            seen.add(relation)
            try:
                claim = reader.typed(replace(spoken, relation=relation))
            except InputError:
                continue
            sides = (claim.formula.left, claim.formula.right)
            new = sides[0].shape == sides[1].shape and sides[0] != sides[1]
            if new and likely(claim) and holds(claim):
                return _printed(derivation, claim.formula), edit.sentence
    return None


def said_instead(derivation: Derivation, claim: TopicClaim) -> Text | None:
    """What the topic says of the left side, if it says something."""
    left = claim.formula.left
    # What the topic says of these very indices comes first.
    for known in sorted(derivation.formulas, key=lambda formula: formula.left != left):
        if known.relation == "=" and not known.given:
            values = instance(known.left, left)
            if values is not None:
                right = substitute(known.right, values)
                return _printed(derivation, replace(known, left=left, right=right))
    return None


def _printed(derivation: Derivation, formula: Formula) -> Text:
    style = Style(displays=derivation.cell.displays)
    return {
        name: f"{show(formula.left, style)} = {show(formula.right, style)}"
        for name, show in (("text", text), ("latex", latex))
    }


class _TopicFacts(Facts):
    """What edits need to know about a topic: its formulas are no derivatives that are derived."""

    def __init__(self, compiled: Compiled, spoken: Spoken, functions: Iterable[str]) -> None:
        self.compiled, self.relation = compiled, spoken.relation
        bound = {n.index for n in walk(spoken.relation) if isinstance(n, Reduction)}
        inside = [i for n in walk(spoken.relation) if isinstance(n, Name) for i in n.indices]
        letters = {n.name for i in inside for n in walk(i) if isinstance(n, Name)}
        self.ends: list[str] = []
        self.free = frozenset(letters - bound)
        self.letters = sorted(letters | bound)
        self.arguments = dict.fromkeys(sorted(functions), ())

    def _derived(self) -> Iterator[str]:
        return iter(())


def _signs(node: Node, facts: Facts) -> Iterator[Node]:
    """An index with the other sign, as a sum for a difference, or as the difference turned."""
    if not isinstance(node, Name):
        return
    for place, index in enumerate(node.indices):
        for other in _other_signs(index):
            yield replace(node, indices=(*node.indices[:place], other, *node.indices[place + 1 :]))


def _other_signs(index: Node) -> Iterator[Node]:
    if isinstance(index, Binary) and index.operator in ("+", "-"):
        yield replace(index, operator="-" if index.operator == "+" else "+")
        if index.operator == "-":
            yield replace(index, left=index.right, right=index.left)
    elif isinstance(index, Binary) and index.operator in ("*", "@"):
        yield replace(index, operator="+")
        yield index.right
        yield index.left
    elif isinstance(index, Name | Negative):
        yield negated(index)


def _indices(relation: Relation, facts: Facts) -> Iterator[Relation]:
    """The relation with one index changed, on the right before the left."""
    for right in everywhere(relation.right, _signs, facts):
        yield replace(relation, right=right)
    for left in everywhere(relation.left, _signs, facts):
        yield replace(relation, left=left)


_SIGN_OF_INDEX = Edit(
    "sign of an index", "change the sign inside an index, or what is multiplied there", _indices
)
