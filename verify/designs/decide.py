"""Whether a design works: every word to a length, then all lengths, or the shortest wrong word."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from derivations.errors import InputError, MissingRule
from verify.arithmetic.enclosing import IntervalArithmetic
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.linear import NotLinear
from verify.arithmetic.rational import RationalArithmetic
from verify.designs.boxes import Boxes, invariant_boxes
from verify.designs.design import Design
from verify.designs.hulls import Hull, Place, affine_hulls
from verify.designs.machine import Machine
from verify.designs.search import MOST_NODES, Node, Search
from verify.designs.specification import TooMuch

LENGTH = 12
FARTHER = 1_000
"""How long words may get where a step costs the same at every length."""
MOST_LENGTH = 100_000
Verdict = Literal["works", "fails", "undecided"]
STATUS: dict[Verdict, int] = {"works": 0, "fails": 1, "undecided": 3}


@dataclass(frozen=True)
class Decision:
    """What was found out about a design.

    Attributes:
        length: every word up to this length was answered, rightly but for ``wrong``.
        wrong: the shortest word that is answered wrongly.
        shortest: whether all shorter words are certainly right.
        states: what is reachable from some time on, where that closes the proof.
        boxes, hulls: what closes the proof otherwise.
        complete: whether no longer word leads to anything new.
        reason: why nothing is decided.
    """

    verdict: Verdict
    machine: Machine
    length: int
    wrong: Node | None = None
    shortest: bool = True
    states: tuple[Node, ...] = field(default=(), compare=False)
    pruned: bool = False
    complete: bool = False
    boxes: Boxes | None = None
    hulls: dict[Place, Hull] | None = field(default=None, compare=False)
    reason: str = ""

    @property
    def words(self) -> int:
        """How many words there are of that length and below."""
        letters = len(self.machine.design.letters)
        if letters == 1:
            return self.length
        return (letters ** (self.length + 1) - letters) // (letters - 1)


def decide(design: Design, length: int = LENGTH) -> Decision:
    """Decide a design.

    Args:
        length: every word up to this length is tried in any case.

    Raises:
        InputError: the length is out of bounds, or the cell is no machine over words.
    """
    if not 1 <= length <= MOST_LENGTH:
        raise InputError(f"no length {length}", remedy=f"give --length 1 to {MOST_LENGTH}")
    try:
        return decide_machine(Machine(design, RationalArithmetic(design.jumps)), length)
    except (NoCounterpart, MissingRule):
        pass
    try:
        return decide_machine(Machine(design, IntervalArithmetic(design.jumps)), length)
    except (NoCounterpart, MissingRule) as error:
        raise InputError(
            f"this cell cannot be computed with certain bounds: {error}",
            remedy="use elementwise functions; exp, tanh, sigmoid, relu, step, … are supported",
        ) from None


def decide_machine(machine: Machine, length: int) -> Decision:
    """The same for a design in a number system of one's choice.

    Raises:
        NoCounterpart: the number system cannot do what the cell does.
    """
    search, overflow = _explore(machine, length)
    rounded = isinstance(machine.arithmetic, IntervalArithmetic)
    # Intervals that close by luck of rounding say less to a reader than boxes do.
    steps = (_wrong, _prove, _closed) if rounded else (_wrong, _closed, _prove)
    for step in steps:
        decided = step(machine, search)
        if decided is not None:
            return decided
    if not overflow:
        overflow = _continue(search, max(length, FARTHER))
        decided = _wrong(machine, search) or _closed(machine, search)
        if decided is not None:
            return decided
    return Decision(
        "undecided", machine, search.length, pruned=search.pruned, reason=overflow or _why(search)
    )


def _explore(machine: Machine, length: int) -> tuple[Search, str]:
    """A search of that length: extreme states alone where that is allowed."""
    limit = max(1_000, min(MOST_NODES, 100_000 // len(machine.design.letters)))
    if isinstance(machine.arithmetic, IntervalArithmetic) and machine.size == 1:
        search = Search(machine, prune=True, limit=limit)
        overflow = _continue(search, length)
        if search.monotone:
            return search, overflow
    search = Search(machine, limit=limit)
    return search, _continue(search, length)


def _continue(search: Search, length: int) -> str:
    try:
        search.run(length)
    except TooMuch as error:
        return str(error)
    return ""


def _usable(search: Search) -> bool:
    return search.monotone or not search.pruned


def _start(machine: Machine, search: Search) -> Decision:
    """A design that works, as far as the search goes."""
    return Decision("works", machine, search.length, pruned=search.pruned, complete=search.closed)


def _wrong(machine: Machine, search: Search) -> Decision | None:
    if search.wrong is None or not _usable(search):
        return None
    doubtful = search.doubtful
    certain = doubtful is None or len(doubtful.word) >= search.length
    return Decision("fails", machine, search.length, search.wrong, certain, pruned=search.pruned)


def _closed(machine: Machine, search: Search) -> Decision | None:
    """Proved where no word leads to anything new."""
    if search.closed and search.doubtful is None and _usable(search):
        nodes = tuple(search.nodes())
        return replace(_start(machine, search), states=nodes)
    return None


def _prove(machine: Machine, search: Search) -> Decision | None:
    """A proof for all lengths by invariants."""
    found = _start(machine, search)
    if isinstance(machine.arithmetic, RationalArithmetic):
        try:
            hulls = affine_hulls(machine)
        except NotLinear:
            hulls = None
        if hulls is not None:
            return replace(found, hulls=hulls)
        machine = Machine(machine.design, IntervalArithmetic(machine.design.jumps))
    try:
        boxes = invariant_boxes(machine)
    except (NoCounterpart, MissingRule, TooMuch):
        boxes = None
    return None if boxes is None else replace(found, boxes=boxes)


def _why(search: Search) -> str:
    if search.doubtful is not None:
        return (
            f"the answer to a word of {len(search.doubtful.word)} letters is too close to the "
            "bound to be told"
        )
    return "no wrong word was found, and no invariant that holds at every length"
