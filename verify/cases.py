"""Where identities are tried: sizes, lengths and regimes, small first, all pairwise distinct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from sympy import Symbol

from derivations.cell import Cell, Range
from verify.evaluate.indices import compile_integer

SCHEDULE: tuple[tuple[int, str], ...] = (
    (1, "generic"),
    (3, "generic"),
    (2, "saturated"),
    (12, "generic"),
    (4, "zeros"),
    (5, "generic"),
    (50, "exploding"),
    (50, "vanishing"),
)
"""(T, regime) of the cases, in the order they are run; repeated with other seeds."""

SHORT = 3
"""Other axes than the first stay about this short: two long ones multiply."""


@dataclass(frozen=True)
class Case:
    """Concrete sizes and ends, a regime and a seed: everything that fixes the numbers."""

    sizes: Mapping[Symbol, int]
    ends: Mapping[Symbol, int]
    regime: str
    seed: int

    def describe(self) -> str:
        """``T=3, n=2, m=3, generic, seed 1``."""
        numbers = ", ".join(f"{k}={v}" for k, v in (*self.ends.items(), *self.sizes.items()))
        return f"{numbers}, {self.regime}, seed {self.seed}"


def cases(cell: Cell, count: int, seed: int) -> Iterator[Case]:
    """``count`` cases with sizes pairwise distinct; the exact method tries sizes of 1 as well."""
    for number, (length, regime) in enumerate(islice(cycle(SCHEDULE), count)):
        # The same sizes all through a round; the next round turns them.
        rotation = number // len(SCHEDULE)
        sizes = {
            size: 2 + (position + rotation) % max(2, len(cell.sizes))
            for position, size in enumerate(cell.sizes)
        }
        ends = {
            axis.upper: length if position == 0 else min(length, SHORT) + position
            for position, axis in enumerate(cell.axes)
        }
        yield Case(sizes, ends, regime, seed + number)


def times(
    domain: tuple[Range, ...], ends: Mapping[Symbol, int], sizes: Mapping[Symbol, int]
) -> list[dict[Symbol, int]]:
    """Concrete times of a formula's domain: its ends, their neighbours and the middle.

    None where the domain leaves out this length or these sizes.
    """
    found: list[dict[Symbol, int]] = [{}]
    known = {**sizes, **ends}
    for r in in_order(domain):
        extended: list[dict[Symbol, int]] = []
        for chosen in found:
            if r.index in known:
                extended += [chosen] if r.lower <= known[r.index] <= r.upper else []
                continue
            env = {**ends, **chosen}
            low = _bound(r.lower, env, 0)
            high = _bound(r.upper, env, max(ends.values(), default=1))
            picked = sorted({low, low + 1, (low + high) // 2, high - 1, high})
            extended += [{**chosen, r.index: t} for t in picked if low <= t <= high]
        found = extended
    return found


def in_order(ranges: Sequence[Range]) -> Iterator[Range]:
    """Ranges sorted so that each refers to earlier indices only."""
    waiting, indices = list(ranges), {r.index for r in ranges}
    done: set[Symbol] = set()
    while waiting:
        ready = next(
            (
                r
                for r in waiting
                if ((r.lower.free_symbols | r.upper.free_symbols) & indices) <= done
            ),
            waiting[0],
        )
        waiting.remove(ready)
        done.add(ready.index)
        yield ready


def _bound(bound: object, env: Mapping[Symbol, int], default: int) -> int:
    """A bound as a number; an open end is the default."""
    if getattr(bound, "is_infinite", False):
        return default
    return compile_integer(bound)(env)  # type: ignore[arg-type]
