"""Every word up to a length, shortest first, until one is answered wrongly or nothing is new.

A node is what the specification and the cell remember of a word. Words that lead to the same node
are followed once; in a monotone cell of one entry only the least and the greatest state for each
state of the specification are followed, because every state between them is answered between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from verify.arithmetic.interval import Interval
from verify.designs.machine import Machine, State
from verify.designs.specification import TooMuch, Watch

SIGNS = {">": {1}, ">=": {0, 1}, "<": {-1}, "<=": {-1, 0}}
MOST_NODES = 50_000
CHUNK = 2_000


class TooManyNodes(TooMuch):
    """The state explodes."""

    def __init__(self, length: int, limit: int) -> None:
        self.length = length
        super().__init__(
            f"more than {limit} states after words of {length} letters\n"
            "  give a shorter --length, fewer letters, or a specification that remembers less"
        )


@dataclass(frozen=True, slots=True)
class Node:
    """What is remembered of a word, and how it was reached."""

    watch: Watch
    state: State
    parent: Node | None = field(default=None, compare=False, repr=False)
    letter: int = field(default=-1, compare=False)

    @property
    def word(self) -> tuple[int, ...]:
        """The letters that lead here."""
        letters: list[int] = []
        node = self
        while node.parent is not None:
            letters.append(node.letter)
            node = node.parent
        return tuple(reversed(letters))


def holds(machine: Machine, margin: Any) -> bool | None:
    """Whether the answer is yes; ``None`` where the number system cannot tell."""
    signs = machine.arithmetic.signs(margin)
    right = SIGNS[machine.design.answer.relation]
    if signs <= right:
        return True
    return None if signs & right else False


class Search:
    """A breadth-first search, one length at a time.

    Args:
        prune: follow extreme states only; for a machine of one entry, in intervals.
        limit: the most nodes.
        rough: prune even where two states overlap: good for finding wrong words only.

    Attributes:
        length: words of this length and all shorter ones have been answered.
        wrong: the first word that is answered wrongly.
        doubtful: a shortest word whose answer the number system cannot tell.
        visited: how many nodes there are.
        pruned: whether only extreme states were followed.
    """

    def __init__(
        self,
        machine: Machine,
        prune: bool = False,
        limit: int = MOST_NODES,
        rough: bool = False,
    ) -> None:
        self.machine = machine
        self.length = 0
        self.wrong: Node | None = None
        self.doubtful: Node | None = None
        self.visited = 1
        self.pruned = prune
        self.monotone = True
        self._limit = limit
        self._rough = rough
        root = Node(machine.design.specification.start(), machine.start())
        self._frontier: list[Node] = [root]
        self._seen: set[Node] = set()
        self._ranges: dict[int, Interval] = {}

    @property
    def closed(self) -> bool:
        """Whether nothing is new: every longer word leads to a node that was met."""
        return not self._frontier

    def run(self, length: int) -> None:
        """Go on to words of ``length`` letters, or to the first wrong answer."""
        while self.length < length and not self.closed and self.wrong is None:
            self._advance()
        if self.pruned:
            self.monotone = all(map(self._is_monotone, self._ranges))

    def nodes(self) -> Iterable[Node]:
        """The nodes met in the last phase, in the order of their words."""
        return sorted(self._seen, key=lambda node: (len(node.word), node.word))

    def _advance(self) -> None:
        machine = self.machine
        phase = min(self.length + 1, machine.phases)
        if self.pruned:
            self._widen(phase)
        found: dict[Node, Node] = {}
        for begin in range(0, len(self._frontier), CHUNK):
            part = self._frontier[begin : begin + CHUNK]
            states, margins = machine.step([node.state for node in part], phase)
            for node, nexts, answers in zip(part, states, margins, strict=True):
                for letter, (state, margin) in enumerate(zip(nexts, answers, strict=True)):
                    watch = machine.design.specification.after(node.watch, letter)
                    child = Node(watch, state, node, letter)
                    self._answer(child, margin, phase)
                    if self.wrong is not None:
                        self.length += 1
                        return
                    found.setdefault(child, child)
        self.length += 1
        fresh = list(found)
        if self.pruned:
            fresh = _extremes(fresh, self._rough)
        if self.length >= machine.phases:
            fresh = [node for node in fresh if node not in self._seen]
            self._seen.update(fresh)
        self._frontier = fresh
        self.visited += len(fresh)
        if self.visited > self._limit:
            raise TooManyNodes(self.length, self._limit)

    def _answer(self, child: Node, margin: Any, phase: int) -> None:
        specification = self.machine.design.specification
        if not specification.asked(child.watch, phase):
            return
        answer = holds(self.machine, margin)
        if answer is None:
            self.doubtful = self.doubtful or child
        elif answer != specification.expects(child.watch):
            self.wrong = child

    def _widen(self, phase: int) -> None:
        """Note between which states a phase starts."""
        states = [node.state[0] for node in self._frontier]
        if None not in states:
            known = self._ranges.get(phase, states[0])
            low, high = min(x.low for x in states), max(x.high for x in states)
            self._ranges[phase] = known.hull(Interval(low, high))

    def _is_monotone(self, phase: int) -> bool:
        """Whether neither the cell nor its answer turns around between the states met."""
        following, margins = self.machine.slopes((self._ranges[phase],), phase)
        return not any(slope.low < 0 < slope.high for slope in (*following, *margins))


def _extremes(nodes: list[Node], rough: bool) -> list[Node]:
    """Without the states that lie between two others under the same specification state.

    Roughly: without those that overlap one of the two, too. A wrong word that is found then is
    wrong for certain, but a shorter one may have been passed over.
    """
    groups: dict[Watch, list[Node]] = {}
    for node in nodes:
        groups.setdefault(node.watch, []).append(node)
    kept: list[Node] = []
    for group in groups.values():
        least = min(group, key=lambda node: node.state[0].high)
        most = max(group, key=lambda node: node.state[0].low)
        floor, ceiling = least.state[0].high, most.state[0].low
        kept += [
            node
            for node in group
            if node is least
            or node is most
            or (not rough and not (floor <= node.state[0].low and node.state[0].high <= ceiling))
        ]
    return kept
