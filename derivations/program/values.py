"""The values of a program: what each one is, over which steps it is an array, who batches.

A program is about variables only: an adjoint is a variable of its own (``dh`` for ∂L/∂h). A value
with steps is an array over :attr:`Value.ranges`; what lies one step before or after that range
is a value of its own, an *edge*: the given start ``h0``, an equation that holds at one time, zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.expressions.nodes import Variable
from derivations.program.spans import Span, Use, gap, span

Role = Literal["parameter", "target", "input", "start", "later", "forward", "loss", "adjoint"]
GIVEN: tuple[Role, ...] = ("parameter", "target", "input", "start", "later")
"""The roles of what a program is given: by the caller, and what a later segment sends back.

The first has no batch axis, the others may have one.
"""

APART = "·"
"""Ends the names of adjoints of a second program beside the first; code does not show it."""


@dataclass(frozen=True)
class Term:
    """``value``, added where ``domain`` holds; an empty domain is the whole range."""

    value: MatrixExpr
    domain: tuple[Range, ...] = ()


@dataclass
class Value:
    """One value of a program.

    Attributes:
        target: the variable at its generic steps.
        ranges: over which steps it is an array, one range per step of the target.
        terms: their sum is the value; empty for what is given.
        edges: the values beyond the ends of its ranges that something reads.
        batched: whether it may have a batch axis.
        origin: the variable that the user knows it by, and the time of an edge.
    """

    target: Variable
    ranges: tuple[Range, ...]
    role: Role
    terms: tuple[Term, ...] = ()
    edges: dict[tuple[int, Expr], str | None] = field(default_factory=dict)
    batched: bool = True
    origin: str = ""

    @property
    def name(self) -> str:
        """Name of the value in the program."""
        return str(self.target.name)

    @property
    def given(self) -> bool:
        """Whether the caller hands it in."""
        return self.role in GIVEN


def times_beyond(value: Value, use: Use) -> Iterator[tuple[int, Expr]]:
    """(position of the step, time) of everything that a use reads beyond the array of ``value``."""
    for position, step in enumerate(use.leaf.steps):
        over = use.ranges.get(step)
        if over == value.ranges[position] and over.lower != over.upper:
            continue  # every step reads its own
        read = span(step, use.ranges)
        own = Span(value.ranges[position].lower, value.ranges[position].upper)
        before, after = read.before(own), read.after(own)
        if read.low == read.high and value.role == "adjoint":
            # A sequence may be so short that a fixed time lies beyond its other end.
            after = max(after, gap(read.low, own.low) or 0)
            before = max(before, gap(own.high, read.low) or 0)
        yield from ((position, own.low - k) for k in range(1, before + 1))
        yield from ((position, (own.high + k).expand()) for k in range(1, after + 1))
