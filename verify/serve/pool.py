"""Worker processes: a request gets one for itself, and loses it when its time is over.

Workers are forked from a process that has loaded everything already, so a fresh one costs
milliseconds and shares its memory. Requests that take long leave their place to others and run on
beside them at a lower priority: who asks for little does not wait for who asks for much.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from verify.forks import context_of
from verify.serve.limits import Limits
from verify.serve.worker import Event, serve_requests

BEAT = 0.4
"""Seconds after which a request that has nothing new to say says that it is still at work."""


class Busy(Exception):
    """Too many requests wait already."""


class Worker:
    """One process with the line to it."""

    def __init__(self, process: BaseProcess, line: Connection) -> None:
        self.process = process
        self.line = line
        self.uses = 0
        self.heard: asyncio.Future[bytes] | None = None

    def end(self) -> None:
        """Stop at once, whatever it does; its line is closed when nobody listens any more."""
        self.process.kill()
        if self.heard is None:
            self.line.close()
        else:
            self.heard.add_done_callback(self._hung_up)

    def _hung_up(self, heard: asyncio.Future[bytes]) -> None:
        if not heard.cancelled():
            heard.exception()
        self.line.close()


class Place:
    """A place among the quick ones, later among the slow ones."""

    def __init__(self, quick: asyncio.Semaphore, slow: asyncio.Semaphore) -> None:
        self._quick, self._slow = quick, slow
        self._held = quick
        self.moved = False

    async def move(self) -> bool:
        """Leave the quick ones, if there is a place among the slow ones."""
        if self.moved or self._slow.locked():
            return False
        await self._slow.acquire()
        self._quick.release()
        self._held, self.moved = self._slow, True
        return True

    def leave(self) -> None:
        """Let the next one in."""
        self._held.release()


class Pool:
    """Workers, at most as many as there are places."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._context = context_of("verify.serve.warm")
        self._quick = asyncio.Semaphore(limits.quick)
        self._slow = asyncio.Semaphore(limits.slow)
        self.idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._waiting = 0
        self._closed = False
        self._threads = ThreadPoolExecutor(limits.quick + limits.slow + 2)

    async def start(self) -> None:
        """Load what workers need, and have as many ready as may work at once."""
        for _ in range(self._limits.quick):
            worker = await self._fresh()
            async for _ in self._converse(worker, {"job": "ready", "asked": {}}, None):
                pass
            self.idle.append(worker)

    def hang_up(self) -> None:
        """Take no more requests, and end those at work: who waits for them is told so."""
        self._closed = True
        for worker in self._busy:
            worker.process.kill()

    async def stop(self) -> None:
        """End all workers."""
        self.hang_up()
        for worker in self.idle:
            worker.end()
        self.idle.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, job: str, asked: dict[str, Any]) -> AsyncGenerator[Event, None]:
        """The events of a request; ``progress`` while there is nothing new.

        Closing the iterator stops the work.

        Raises:
            Busy: too many requests wait already, or the pool is closed.
        """
        if self._closed or self._waiting >= self._limits.waiting:
            raise Busy
        self._waiting += 1
        try:
            await self._quick.acquire()
        finally:
            self._waiting -= 1
        if self._closed:
            self._quick.release()
            raise Busy
        place = Place(self._quick, self._slow)
        try:
            async with aclosing(self._in_place(place, {"job": job, "asked": asked})) as events:
                async for event in events:
                    yield event
        finally:
            place.leave()

    async def _in_place(self, place: Place, request: dict[str, Any]) -> AsyncGenerator[Event, None]:
        worker = self._rested() or await self._fresh()
        self._busy.add(worker)
        whole = False
        try:
            async with aclosing(self._converse(worker, request, place)) as events:
                async for event in events:
                    whole = event["kind"] == "done"
                    if not whole:
                        yield event
        finally:
            worker.uses += 1
            self._busy.discard(worker)
            if whole and worker.uses < self._limits.uses and not place.moved:
                self.idle.append(worker)
            else:
                worker.end()

    def _rested(self) -> Worker | None:
        """A worker that waits for work and is still there."""
        while self.idle:
            worker = self.idle.pop()
            if worker.process.is_alive():
                return worker
            worker.end()
        return None

    async def _fresh(self) -> Worker:
        def made() -> Worker:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(
                target=serve_requests, args=(theirs, self._limits), daemon=True
            )
            process.start()
            theirs.close()
            return Worker(process, ours)

        return await asyncio.get_running_loop().run_in_executor(self._threads, made)

    async def _converse(
        self, worker: Worker, request: dict[str, Any], place: Place | None
    ) -> AsyncGenerator[Event, None]:
        """Send a request and give what comes back until it is done or over its limit."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        await loop.run_in_executor(
            self._threads, worker.line.send_bytes, json.dumps(request).encode()
        )
        while True:
            if worker.heard is None:
                worker.heard = loop.run_in_executor(self._threads, worker.line.recv_bytes)
            done, _ = await asyncio.wait({worker.heard}, timeout=BEAT)
            elapsed = loop.time() - started
            if done:
                heard, worker.heard = worker.heard, None
                try:
                    event = json.loads(heard.result())
                except (EOFError, OSError):
                    yield {"kind": "limit", "of": "ended", "seconds": elapsed}
                    return
                yield event
                if event["kind"] == "done":
                    return
            elif place is None:
                continue
            elif elapsed > self._limits.seconds:
                yield {"kind": "limit", "of": "time", "seconds": self._limits.seconds}
                return
            else:
                yield {"kind": "progress", "seconds": round(elapsed, 1)}
            if place is not None and elapsed > self._limits.patience and await place.move():
                _give_way(worker)


def _give_way(worker: Worker) -> None:
    """Let others have the processor first."""
    if worker.process.pid is not None and hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, worker.process.pid, 10)
