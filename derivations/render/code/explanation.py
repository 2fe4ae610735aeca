"""The cost model of a plan, for a reader: what runs step by step, what at once, at which cost."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import partial

from sympy import Expr, Symbol

from derivations.counts.formula import Count
from derivations.expressions.nodes import TimeSum
from derivations.expressions.traverse import contains
from derivations.loading import load
from derivations.program.blocks import Block, Choice, Doubling, Loop, Sweeps
from derivations.program.choices import Choices
from derivations.program.cost import ROUNDS, Cost, costs, joining
from derivations.program.plan import Part, Plan
from derivations.program.rewrites import PROGRAM_REWRITES
from derivations.program.schedule import depends_on, only_left, steps_in
from derivations.render.code import dialect_of, planned
from derivations.render.code.joining_helpers import joins

TURNED = (
    "  a gradient of a weight, the sum of a_t b_t' over all steps and examples, turns one factor's",
    "  axes: b's and those of the result where that is fewer numbers than a's, else a's",
)
"""Of how the products after a loop are taken; the module's ``outer_total`` is the rule."""

STEPS, LARGEST = 1000, 256
"""For how many steps, and up to which size, a reader is told when a loop is joined."""

NAMED = {"cpu": "a processor", "other": "an accelerator (estimated)"}
"""Kinds of devices for a reader."""

FLOAT = 4
"""Bytes of a number in float32."""


def explained(cell: str | list[str], to: str, choices: Choices) -> str:
    """The blocks of the programs of an export with what each takes, and the rewrites applied."""
    found = planned(load(cell), to, choices)
    lines, width = ["Rewrites:"], max(len(row.name) for row in PROGRAM_REWRITES)
    for row in PROGRAM_REWRITES:
        sign = "-" if row.name in found.choices.without else "+"
        lines.append(f"  {sign} {row.name:<{width}} {row.why}")
    lines += ["", "Forward pass, one example:", *_blocks(found.first, "forward", found, to)]
    lines += ["", "Gradients, one example:", *_blocks(found.own, "adjoint", found, to)]
    if to == "jax" and any(_is_gradient_of_matrix(found.own, b) for b in found.own.backward):
        lines += ["", "By size, when it is traced:", *TURNED]
    return "\n".join(lines)


def _blocks(part: Part, role: str, found: Plan, to: str) -> Iterator[str]:
    values = dict(part.program.values)
    blocks = part.forward if role == "forward" else part.backward
    later = {
        n for b in part.program.blocks for name in b.names
        for n in depends_on(values, name) - set(b.names)
    }  # fmt: skip
    left = {
        name for k, b in enumerate(blocks) if isinstance(b, Loop | Choice)
        for name in only_left(b if isinstance(b, Loop) else b.loop, blocks[k + 1 :], values)
    }  # fmt: skip
    kept = [*found.outputs, *found.own.kept, *(later - left)]
    looped, whole, stored = Count(), Count(), Count()
    for block, cost in zip(blocks, costs(blocks, values, kept), strict=True):
        stored += cost.stored
        if isinstance(block, Loop | Choice):
            looped += cost.multiply_adds
            yield from _loop(block if isinstance(block, Loop) else block.loop, cost)
            if isinstance(block, Choice):
                yield from _joined(block, cost, to)
        elif isinstance(block, Sweeps):
            looped += cost.multiply_adds
            yield from _sweeps(block, cost)
        elif isinstance(block, Doubling):
            looped += cost.multiply_adds
            yield from _doubling(block, cost)
        else:
            whole += cost.multiply_adds
    yield f"  at once: {Count.sorted([whole.total]).text()} multiply-adds"
    yield f"  in all: {Count.sorted([whole.total, looped.total]).text()} multiply-adds"
    yield f"  in arrays: {Count.sorted([FLOAT * stored.total]).text()} bytes in float32"


def _is_gradient_of_matrix(part: Part, block: Block) -> bool:
    """Whether a block is a sum of a_t b_tᵀ over the steps."""
    values = [part.program.values[name] for name in block.names]
    return any(
        not v.ranges and 1 not in v.target.shape and contains(term.value, TimeSum)
        for v in values
        for term in v.terms
    )


def _doubling(block: Doubling, cost: Cost) -> Iterator[str]:
    order = "" if block.forward else ", last step first"
    steps, adds = steps_in(block.over), cost.multiply_adds.total
    yield f"  {block.name} of a linear recurrence over {block.over.index}{order}:".replace("·", "")
    yield f"    a loop: {steps} steps one after the other, {adds} multiply-adds"
    yield f"    or by doubling: log2({steps}) rounds, up to {3 * adds}*log2({steps}) multiply-adds"
    yield "    the first where a step has more numbers than it is dear to begin, by device and size"
    yield f"    stores {_stored(cost)}"


def _joined(block: Choice, cost: Cost, to: str) -> Iterator[str]:
    """The other way of a loop, and up to which size it is taken."""
    form, steps = joining(block), steps_in(block.loop.over)
    rounds = Symbol(f"log2({steps})")
    adds = Count.sorted([form.multiply_adds.total.xreplace({ROUNDS: rounds})])
    matrices = Count.sorted([FLOAT * form.matrices]).text()
    yield f"    or joined: {rounds} rounds, {adds.text()} multiply-adds,"
    yield f"    {matrices} bytes of matrices in float32"

    counts = cost.multiply_adds.total, form.multiply_adds.total, form.products
    found = []
    overheads, values = dialect_of(to).overheads, len(block.names)

    def loops(size: int, device: str) -> bool:
        return not joins(
            overheads, device, STEPS, values, (), *(_at(size, of, steps) for of in counts)
        )

    for device in overheads:
        # Whatever is joined at one size is joined at a smaller one.
        largest = bisect_left(range(1, LARGEST + 1), True, key=partial(loops, device=device))
        where = f"sizes up to {largest}" if largest else "no size"
        where += " and more" if largest == LARGEST else ""
        found.append(f"{where} on {NAMED[device]}")
    yield f"    joined for {steps} = {STEPS} and one example: {found[0]}"
    yield from (f"    and {text}" for text in found[1:])


def _at(size: int, of: Expr, steps: Expr) -> int:
    """A count where all sizes are the same."""
    sizes = dict.fromkeys(of.free_symbols, size)
    lengths = dict.fromkeys(steps.free_symbols, STEPS)
    return int(of.subs({**sizes, **lengths, ROUNDS: STEPS.bit_length()}))


def _sweeps(block: Sweeps, cost: Cost) -> Iterator[str]:
    yield f"  {cost.steps} sweeps over all steps at once, for losses that many steps later:"
    yield f"    computes {', '.join(cost.names)}".replace("·", "")
    yield f"    {cost.multiply_adds.text()} multiply-adds, {cost.functions.text()} function values"
    yield f"    stores {_stored(cost)}"


def _loop(block: Loop, cost: Cost) -> Iterator[str]:
    order = "" if block.forward else ", last step first"
    yield f"  loop over {block.index}, {cost.steps} steps one after the other{order}:"
    yield f"    computes {', '.join(cost.names)}".replace("·", "")
    yield f"    {cost.multiply_adds.text()} multiply-adds, {cost.functions.text()} function values"
    yield f"    stores {_stored(cost)}"


def _stored(cost: Cost) -> str:
    numbers = Count.sorted([cost.stored.total])
    return (
        f"{numbers.text()} numbers, {Count.sorted([FLOAT * numbers.total]).text()} bytes in float32"
    )
