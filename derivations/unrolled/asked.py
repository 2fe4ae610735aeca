"""A query as nodes of the unrolled graph: its times are given the numbers that show most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Integer, Symbol

from derivations.calculus.indices import is_end
from derivations.cell import LOSS, Cell
from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Jacobian, Variable
from derivations.language import parse_query
from derivations.renaming import with_other_sizes
from derivations.typing.compile import Compiled
from derivations.typing.statements import read_query
from derivations.typing.step_losses import naming_step_losses
from derivations.unrolled.graph import Graph, Node
from derivations.unrolled.paths import Kept, Paths, paths
from derivations.unrolled.times import numbers


@dataclass(frozen=True)
class Asked:
    """A derivative of ``numerator`` with respect to ``denominator`` in a cell."""

    cell: Cell
    numerator: Variable
    denominator: Variable
    immediate: bool

    @property
    def names_arguments(self) -> bool:
        """Whether it is about an argument that only the tool has a name for."""
        return bool({self.numerator.name, self.denominator.name} & self.cell.auxiliary)

    @property
    def latest(self) -> int:
        """The largest number among its times."""
        steps = (*self.numerator.steps, *self.denominator.steps)
        return max((int(step) for step in steps if step.is_Integer), default=1)


def read_asked(compiled: Compiled, query: str) -> Asked:
    """Read a query about a cell.

    Raises:
        InputError: it does not parse or names what the cell does not have.
    """
    about = naming_step_losses(compiled, parse_query(query, compiled.source))
    wanted = read_query(about, query)
    cell, derivative = with_other_sizes(about.cell, wanted.derivative)
    if isinstance(derivative, Jacobian):
        return Asked(cell, derivative.numerator, derivative.denominator, derivative.immediate)
    assert isinstance(derivative, Adjoint)
    return Asked(cell, cell.templates[LOSS], derivative.variable, False)


def asked_paths(graph: Graph, asked: Asked, window: int | None) -> Paths:
    """The paths of a query at the times, of all that it may be about, with the most and longest
    paths.

    Where several have as many, those in the middle are taken.

    Raises:
        InputError: it is about no time of the unrolled graph.
    """
    which = Kept(asked.immediate, window)
    found = [paths(graph, [below], above, which) for above, below in _places(graph, asked)]
    if not found:
        ends = ", ".join(f"{end} = {number}" for end, number in graph.ends.items())
        raise InputError(
            f"the query is about no time of a sequence with {ends}",
            remedy="give more --steps, or other times",
        )
    best = [p for p in found if _extent(p) == max(map(_extent, found))]
    return best[len(best) // 2]


def _extent(found: Paths) -> tuple[int, int]:
    """How many paths there are, and along how many edges they run."""
    return found.kept_count + found.missed_count, len(found.kept | found.missed)


def _places(graph: Graph, asked: Asked) -> Iterator[tuple[Node, Node]]:
    steps = (*asked.numerator.steps, *asked.denominator.steps)
    free = sorted({s for step in steps for s in step.free_symbols if not is_end(s)}, key=str)
    known = set(graph.nodes)
    longest = max(map(int, graph.ends.values()), default=0) + 1
    for times in product(range(1 - longest, longest + 1), repeat=len(free)):
        env: dict[Symbol, Expr] = {
            **graph.ends,
            **dict(zip(free, map(Integer, times), strict=True)),
        }
        above, below = (
            Node(v.name, numbers(v.steps, env)) for v in (asked.numerator, asked.denominator)
        )
        if above in known and below in known:
            yield above, below
