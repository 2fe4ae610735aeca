"""Which adjoints can be put in so that only some wanted ones are left in a formula."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.cell import Definition
from derivations.expressions.nodes import Adjoint
from derivations.expressions.traverse import nodes_in

Reads = Mapping[str, frozenset[str]]


def reads_of(adjoints: Mapping[str, Definition]) -> dict[str, frozenset[str]]:
    """Per adjoint, those that its equation refers to."""
    return {
        name: frozenset(a.name for piece in found.pieces for a in nodes_in(piece.value, Adjoint))
        for name, found in adjoints.items()
    }


def below(start: str, reads: Reads, stop: frozenset[str] = frozenset()) -> frozenset[str]:
    """Everything that an adjoint refers to, directly or not, but for what is behind ``stop``."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = reads.get(waiting.pop(), frozenset()) - stop - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


def through(name: str, kept: frozenset[str], adjoints: Mapping[str, Definition]) -> frozenset[str]:
    """The adjoints on the way from ``name`` to those kept that never refer to themselves."""
    reads = reads_of(adjoints)
    others = (below(name, reads, kept) & adjoints.keys()) - {name}
    return frozenset(other for other in others if other not in below(other, reads, kept))


def recurrent(adjoints: Mapping[str, Definition]) -> frozenset[str]:
    """The adjoints that refer to themselves, directly or not."""
    reads = reads_of(adjoints)
    return frozenset(name for name in adjoints if name in below(name, reads))


def recurring(
    name: str, kept: frozenset[str], adjoints: Mapping[str, Definition]
) -> frozenset[str]:
    """``name`` and adjoints on the way that refer to themselves, and to none of those kept back."""
    reads = reads_of(adjoints)
    others = (below(name, reads, kept) | {name}) & adjoints.keys()

    def alone(other: str) -> bool:
        back = {one for one in below(other, reads) if other in below(one, reads)}
        return other in back and not back & kept

    return frozenset(filter(alone, others))
