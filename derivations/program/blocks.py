"""What a program runs: values at once, loops, and recurrences that are found without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from derivations.cell import Axis, Range
from derivations.program.values import Value


@dataclass(frozen=True)
class Whole:
    """One value, for all of its steps at once."""

    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """What it computes."""
        return (self.name,)


@dataclass(frozen=True)
class Loop:
    """Values that recur from step to step.

    Attributes:
        names: the values in the order in which one step computes them.
        over: the steps, first to last.
        forward: whether the first step comes first.
        delays: how many steps back each value is read, for those that are.
    """

    names: tuple[str, ...]
    over: Range
    forward: bool
    delays: Mapping[str, int]

    @property
    def index(self) -> Symbol:
        """The index that runs."""
        return self.over.index


@dataclass(frozen=True)
class Sweeps:
    """Adjoint recurrences followed for some steps: found at all steps at once, again and again.

    Attributes:
        names: the values in the order in which one sweep computes them.
        axis: along which they recur.
        delays: how many sweeps back each value is read, for those that are.
        crossing: (value, what it reads) → how many steps later, and so how many sweeps back.
        times: how many sweeps there are.
    """

    names: tuple[str, ...]
    axis: Axis
    delays: Mapping[str, int]
    crossing: Mapping[tuple[str, str], int]
    times: int


@dataclass(frozen=True)
class Doubling:
    """A state s_t = a_t ⊙ s_{t−1} + b_t, found by joining neighbours in log T rounds.

    Attributes:
        name: the state.
        by, plus: the values a and b.
        over: the steps, first to last.
        forward: whether the first step comes first.
    """

    name: str
    by: str
    plus: str
    over: Range
    forward: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What it computes."""
        return (self.name,)


@dataclass(frozen=True)
class Joined:
    """States s_t = A_t s_{t−1} + b_t, found by joining neighbours in log T rounds.

    Attributes:
        name: the states, one below the other.
        by, plus: the values A, the same at every step where it has none, and b.
        slots: the states by name, and how many steps before the present one each stands.
        size: how many rows they have together.
        over: the steps, first to last.
        forward: whether the first step comes first.
    """

    name: str
    by: str
    plus: str
    slots: tuple[tuple[str, int], ...]
    size: Expr
    over: Range
    forward: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What it computes."""
        return (self.name,)


@dataclass(frozen=True)
class Choice:
    """A loop, or blocks that join its steps: what takes less at the sizes that it runs with.

    Attributes:
        loop: step by step.
        joined: all steps at once, around a block that joins them.
        values: what these compute, by name.
    """

    loop: Loop
    joined: tuple[Whole | Joined, ...]
    values: Mapping[str, Value]

    @property
    def names(self) -> tuple[str, ...]:
        """What either computes."""
        return self.loop.names

    @property
    def forward(self) -> bool:
        """Whether the first step comes first."""
        return self.loop.forward


Block = Whole | Loop | Sweeps | Doubling | Joined | Choice
