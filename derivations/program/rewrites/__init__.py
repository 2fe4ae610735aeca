"""Named rewrites of programs: each keeps every value, and each can be left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from derivations.program.rewrites.addends import inside
from derivations.program.rewrites.affine import affine
from derivations.program.rewrites.hoist import hoist
from derivations.program.rewrites.join import joined
from derivations.program.rewrites.linear import doubled, linear
from derivations.program.rewrites.naming import Values
from derivations.program.rewrites.reuse import reuse
from derivations.program.rewrites.stack import stack
from derivations.program.rewrites.sums import after_the_loop, step_by_step
from derivations.program.schedule import Program, schedule


def _unchanged(program: Program) -> Values:
    return dict(program.values)


def _as_it_is(program: Program) -> Program:
    return program


@dataclass(frozen=True)
class ProgramRewrite:
    """``apply`` gives the values of a program that computes the same, ``end`` other blocks for it.

    Attributes:
        end: applied last, to each of the programs that are run.
        compiled: whether it pays only where a library compiles the operations of a step together.
    """

    name: str
    why: str
    apply: Callable[[Program], Values] = _unchanged
    end: Callable[[Program], Program] = _as_it_is
    compiled: bool = False


PROGRAM_REWRITES: tuple[ProgramRewrite, ...] = (
    ProgramRewrite(
        "sums",
        "gradients of weights are one product after the loop, not a part added at every step",
        after_the_loop,
    ),
    ProgramRewrite(
        "reuse",
        "what the forward pass computes is kept for the backward pass instead of computed again",
        lambda program: reuse(dict(program.values)),
    ),
    ProgramRewrite(
        "affine",
        "affine maps of the same operands are one, with weights and biases stacked",
        affine,
    ),
    ProgramRewrite(
        "hoist",
        "products that no recurrence touches are one product for all steps",
        hoist,
    ),
    ProgramRewrite(
        "double",
        "recurrences that multiply entry by entry take log T rounds where a step is little work",
        linear,
        doubled,
    ),
    ProgramRewrite(
        "stack",
        "products that share an operand are one product with the weights stacked",
        stack,
    ),
    ProgramRewrite(
        "addends",
        "what is added to every step is added inside the loop, not to an array of all steps",
        inside,
        compiled=True,
    ),
    ProgramRewrite(
        "join",
        "recurrences with a matrix take log T rounds where products of these are little work",
        end=joined,
    ),
    ProgramRewrite(
        "overwrite",
        "what a loop keeps is written over an array that nothing else reads",
        compiled=True,
    ),
)
"""Every rewrite, in the order in which they are applied."""

REWRITE_NAMES = tuple(row.name for row in PROGRAM_REWRITES)


def rewritten(values: Values, asked: Iterable[str], without: Collection[str] = ()) -> Program:
    """The program that computes what is asked for, after every rewrite that is not left out.

    It starts from the reverse sweep taken literally: loops add to the gradients of weights.
    """
    asked = [*asked]
    program = schedule(values, asked)
    program = schedule(step_by_step(program), asked)
    for row in PROGRAM_REWRITES:
        if row.name not in without:
            program = schedule(row.apply(program), asked)
    return program


def ended(program: Program, without: Collection[str] = ()) -> Program:
    """The program with its recurrences found as the rewrites that are not left out find them."""
    for row in PROGRAM_REWRITES:
        if row.name not in without:
            program = row.end(program)
    return program
