"""Lines of work handed to processes so that what is about one cell goes to one of them.

A process compiles a cell once and keeps what it finds about it. So a line waits at the desk of the
process that knows its cell, and is handed over only when that process is about to be free. A
process whose desk is empty takes from the fullest one: first what is about a cell that it knows.
"""

from __future__ import annotations

import gc
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from verify.forks import context_of

Result = TypeVar("Result")
IN_HAND = 2
"""Lines that a process has at a time: one that it works on, and the next."""
SPARED = 8
"""Lines that a desk keeps from processes that do not know their cell, which costs them time."""
AHEAD = 128
"""Lines per process that are read before their results are given."""
MOST_KEYS = 1_000
"""Cells whose process is remembered."""


@dataclass
class Desk:
    """What waits for one process."""

    lines: deque[tuple[int, Hashable, str]] = field(default_factory=deque)
    known: OrderedDict[Hashable, None] = field(default_factory=OrderedDict)

    def hand_over(self, others: Iterable[Desk]) -> tuple[int, Hashable, str] | None:
        """The next line for this process: of its own desk, else of the fullest other one."""
        taken = self.lines.popleft() if self.lines else self._from(max(others, key=_waiting))
        if taken is not None:
            self.known[taken[1]] = None
            self.known.move_to_end(taken[1])
            if len(self.known) > MOST_KEYS:
                self.known.popitem(last=False)
        return taken

    def _from(self, other: Desk) -> tuple[int, Hashable, str] | None:
        for line in other.lines:
            if line[1] in self.known:
                other.lines.remove(line)
                return line
        return other.lines.pop() if len(other.lines) > SPARED else None


def _waiting(desk: Desk) -> int:
    return len(desk.lines)


class Office(Generic[Result]):
    """Desks in front of processes, and what has come back from them."""

    def __init__(self, pools: list[ProcessPoolExecutor], work: Callable[[str], Result]) -> None:
        self._pools, self._work = pools, work
        self.desks = [Desk() for _ in pools]
        self._home: OrderedDict[Hashable, int] = OrderedDict()
        self._running: dict[Future[Result], tuple[int, int]] = {}
        self._found: dict[int, Result] = {}
        self._read = self._given = 0

    @property
    def full(self) -> bool:
        """Whether enough lines have been read for now."""
        return self._read - self._given >= AHEAD * len(self.desks)

    @property
    def open(self) -> bool:
        """Whether a result is still to come."""
        return self._given < self._read

    def add(self, line: str, key: Hashable) -> None:
        """Put a line on the desk of the process that knows its key, or on the emptiest one."""
        sizes = [len(desk.lines) for desk in self.desks]
        home = self._home.setdefault(key, sizes.index(min(sizes)))
        self._home.move_to_end(key)
        if len(self._home) > MOST_KEYS:
            self._home.popitem(last=False)
        self.desks[home].lines.append((self._read, key, line))
        self._read += 1

    def hand_out(self) -> None:
        """Give every process its next lines."""
        busy = [place for place, _ in self._running.values()]
        for place, (pool, desk) in enumerate(zip(self._pools, self.desks, strict=True)):
            for _ in range(IN_HAND - busy.count(place)):
                line = desk.hand_over(self.desks)
                if line is not None:
                    self._running[pool.submit(self._work, line[2])] = (place, line[0])

    def collect(self, timeout: float | None) -> Iterator[Result]:
        """The results that are next in order, once some line is done or time is over."""
        done, _ = wait(self._running, timeout, FIRST_COMPLETED)
        for future in done:
            self._found[self._running.pop(future)[1]] = future.result()
        self.hand_out()
        while self._given in self._found:
            self._given += 1
            yield self._found.pop(self._given - 1)


def spread(
    work: Callable[[str], Result],
    lines: Iterable[str],
    key: Callable[[str], Hashable],
    processes: int,
    preload: str,
) -> Iterator[Result]:
    """``work`` of every line, in order, as the results become ready.

    Args:
        work: can be pickled.
        key: lines with one key are about one thing.
        processes: at least 1.
        preload: a module with all that the work needs.
    """
    with ExitStack() as stack:
        # How often garbage is looked for is a setting of a process, which a new one has not.
        new = partial(
            ProcessPoolExecutor,
            1,
            mp_context=context_of(preload),
            initializer=gc.set_threshold,
            initargs=gc.get_threshold(),
        )
        pools = [stack.enter_context(new()) for _ in range(processes)]
        office = Office(pools, work)
        for line in lines:
            office.add(line, key(line))
            office.hand_out()
            yield from office.collect(0)
            while office.full:
                yield from office.collect(None)
        while office.open:
            yield from office.collect(None)
