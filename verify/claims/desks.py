"""Lines of work handed to processes so that what is about one cell goes to one of them.

A process compiles a cell once and keeps what it finds about it. So a line goes where the lines
before it about the same cell went, unless that process is far behind another one.
"""

from __future__ import annotations

import gc
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

Result = TypeVar("Result")
SLACK = 96
"""Lines that a process may be behind the least busy one and still get what it knows."""
AHEAD = 128
"""Lines per process that are read before their results are given."""
MOST_KEYS = 1_000
"""Cells whose process is remembered."""


class Desks:
    """Which process gets the next line."""

    def __init__(self) -> None:
        self._home: OrderedDict[Hashable, int] = OrderedDict()

    def choose(self, key: Hashable, waiting: Sequence[int]) -> int:
        """The process that knows the key, or the least busy one if that has much to do.

        Args:
            waiting: how many lines each process has before it.
        """
        least = min(range(len(waiting)), key=waiting.__getitem__)
        chosen = self._home.setdefault(key, least)
        if waiting[chosen] > waiting[least] + SLACK:
            chosen = self._home[key] = least
        self._home.move_to_end(key)
        if len(self._home) > MOST_KEYS:
            self._home.popitem(last=False)
        return chosen


def spread(
    work: Callable[[str], Result],
    lines: Iterable[str],
    key: Callable[[str], Hashable],
    processes: int,
) -> Iterator[Result]:
    """``work`` of every line, in order, as the results become ready.

    Args:
        work: can be pickled.
        key: lines with one key are about one thing.
        processes: at least 1.
    """
    desks, ahead = Desks(), deque[tuple[int, Future[Result]]]()
    with ExitStack() as stack:
        # How often garbage is looked for is a setting of a process, which a new one has not.
        new = partial(
            ProcessPoolExecutor,
            1,
            mp_context=get_context("spawn"),
            initializer=gc.set_threshold,
            initargs=gc.get_threshold(),
        )
        pools = [stack.enter_context(new()) for _ in range(processes)]
        for line in lines:
            waiting = [0] * processes
            for desk, future in ahead:
                waiting[desk] += not future.done()
            desk = desks.choose(key(line), waiting)
            ahead.append((desk, pools[desk].submit(work, line)))
            while ahead and (len(ahead) > AHEAD * processes or ahead[0][1].done()):
                yield ahead.popleft()[1].result()
        while ahead:
            yield ahead.popleft()[1].result()
