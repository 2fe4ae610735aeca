"""Arrays that a loop reads one entry after the other, and what may be written over them.

What a forward loop keeps for the backward pass is written over an array that only this loop reads,
such as hoisted products, and the gradients that a backward loop finds over what it has read of
that: three arrays of all steps take the place of one. Beside one another in an entry, along its
rows, stands what the loop keeps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sympy import Dummy, Expr, Integer

from derivations.cell import Range
from derivations.expressions.operations import Apply
from derivations.functions import FUNCTIONS
from derivations.program.blocks import Block, Choice, Loop, Whole
from derivations.program.plan import Part, Plan
from derivations.program.schedule import depends_on, reads
from derivations.program.values import APART, Value

NAME = "overwrite"
"""The rewrite."""


@dataclass(frozen=True)
class Overwritten:
    """One array.

    Attributes:
        name: what it holds at first.
        kept: values of the forward loop that are written over it → its rows that each one takes.
        adjoints: values of backward loops that are written over those.
        apart: whether each of ``kept`` is computed once, so that what else the loop finds reads
            these and not the array.
    """

    name: str
    kept: Mapping[str, tuple[Expr, Expr]]
    adjoints: frozenset[str]
    apart: bool

    @property
    def key(self) -> str:
        """What it is called when the forward pass has run; no variable has blanks in its name."""
        names = [*self.kept]
        return f"{names[0]} to {names[-1]}"


def overwritten(plan: Plan, kept: Collection[str]) -> tuple[Overwritten, ...]:
    """The arrays of a plan that are written over.

    Args:
        kept: what the forward pass hands on.
    """
    if NAME in plan.choices.without or plan.choices.window is not None:
        return ()
    forward, values = plan.first.forward, plan.first.program.values
    found = []
    for loop in (block for block in forward if isinstance(block, Loop)):
        others = [block for block in forward if block is not loop]
        read = _read_by(others, values) | _read_by(plan.own.loss, plan.own.program.values)
        free = [n for n in loop.names if n in kept and n not in {*read, *plan.outputs}]
        free = [n for n in free if n not in loop.delays]
        once = [
            block.name
            for block in others
            if isinstance(block, Whole) and block.name not in {*read, *kept}
        ]
        if _columns(values, loop, loop.names):
            room = _room(values, loop, once, free, plan)
            found += [room] if room else []
    return tuple(found)


def _room(
    values: Mapping[str, Value], loop: Loop, once: Iterable[str], free: Iterable[str], plan: Plan
) -> Overwritten | None:
    for name in once:
        if not (_columns(values, loop, [name]) and _entry_by_entry(values, loop, name)):
            continue
        rows, place = values[name].target.shape[0], Integer(0)
        kept: dict[str, tuple[Expr, Expr]] = {}
        for one in free:
            if place != rows:
                end = (place + values[one].target.shape[0]).expand()
                kept[one], place = (place, end), end
        adjoints = _in_both(plan, kept, rows)
        if place == rows and len(kept) > 1 and adjoints:
            return Overwritten(name, kept, adjoints, all(_costly(values[one]) for one in kept))
    return None


def _in_both(plan: Plan, kept: Collection[str], rows: Expr) -> frozenset[str]:
    """What fits in every program that computes it: theirs is one name in a module."""
    found: set[str] = set()
    others: set[str] = set()
    for part in (plan.own, plan.pulled):
        fits = {name.replace(APART, "") for name in _adjoints(part, kept, rows)}
        found |= fits
        others |= {name.replace(APART, "") for name in part.program.values} - fits
    return frozenset(found - others)


def _adjoints(part: Part, kept: Collection[str], rows: Expr) -> frozenset[str]:
    """What the first backward loop that reads these hands on, if that is one array as large."""
    values = part.program.values
    for block in part.backward:
        loop = block.loop if isinstance(block, Choice) else block
        if isinstance(loop, Loop) and _read_by([loop], values) & {*kept}:
            later = _read_by([other for other in part.backward if other is not block], values)
            handed = [n for n in loop.names if n in later and n not in loop.delays]
            fits = _columns(values, loop, [*loop.names, *kept]) and len(handed) == 1
            return frozenset(n for n in handed if fits and values[n].target.shape[0] == rows)
    return frozenset()


def _costly(value: Value) -> bool:
    """Whether it is a function that takes long: compilers compute sums and products again."""
    node = value.terms[0].value if len(value.terms) == 1 else None
    if not isinstance(node, Apply) or node.function not in FUNCTIONS or any(node.orders):
        return False
    row = FUNCTIONS[node.function]
    arguments = [Dummy() for _ in range(row.arity)]
    return not row.kinks() and not row.value(*arguments).is_polynomial(*arguments)


def _columns(values: Mapping[str, Value], loop: Loop, names: Iterable[str]) -> bool:
    """Whether all are columns of one sequence at the steps of a loop, and of any batch."""
    own: tuple[Range, ...] = (loop.over,)
    found = [values[name] for name in names]
    return all(
        v.ranges == own and v.batched and v.target.shape[1] == 1 != v.target.shape[0]
        for v in found
    )  # fmt: skip


def _entry_by_entry(values: Mapping[str, Value], loop: Loop, name: str) -> bool:
    """Whether a loop reads something, and at its own step only."""
    uses = [u for n in loop.names for u in reads(values[n]) if u.leaf.name == name]
    return bool(uses) and all(tuple(u.leaf.steps) == (loop.index,) for u in uses)


def _read_by(blocks: Iterable[Block], values: Mapping[str, Value]) -> set[str]:
    return {n for block in blocks for name in block.names for n in depends_on(values, name)}
