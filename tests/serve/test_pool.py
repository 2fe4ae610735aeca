"""Workers: ended at their limits, replaced, and out of the way of those who ask for little."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from verify.serve.limits import MIB, Limits
from verify.serve.pool import Busy, Pool

LIMITS = Limits(quick=1, slow=1, seconds=60, patience=0.5)
LITTLE = {"cell": "h[t] = tanh(W @ h[t-1])", "query": "dL/dW", "form": "adjoint", "steps": None}
STATES = range(40)
MUCH = {
    "cell": "\n".join(
        f"a{i}[t] = tanh({' + '.join(f'W{i}_{j} @ a{j}[t-1]' for j in STATES)})" for i in STATES
    ),
    "query": "da0[T]/da1[k]",
    "form": "adjoint",
    "steps": None,
}
"""Every state reads every other one: the work and the memory of minutes."""


async def kinds(pool: Pool, job: str, asked: dict[str, Any]) -> list[str]:
    async with aclosing(pool.run(job, asked)) as events:
        return [event["kind"] async for event in events if event["kind"] != "progress"]


def run(limits: Limits, work: Any) -> None:
    async def main() -> None:
        pool = Pool(limits)
        await pool.start()
        try:
            await work(pool)
        finally:
            await pool.stop()

    asyncio.run(main())


def test_what_takes_too_long_is_stopped_and_the_next_is_answered() -> None:
    async def work(pool: Pool) -> None:
        assert await kinds(pool, "query", MUCH) == ["limit"]
        assert await kinds(pool, "query", LITTLE) == ["answer"]

    run(replace(LIMITS, seconds=2), work)


def test_who_asks_for_little_does_not_wait_for_who_asks_for_much() -> None:
    async def work(pool: Pool) -> None:
        much = asyncio.create_task(kinds(pool, "query", MUCH))
        await asyncio.sleep(0.2)
        assert await kinds(pool, "query", LITTLE) == ["answer"]
        assert not much.done()
        assert await much == ["limit"]

    run(replace(LIMITS, seconds=5), work)


def test_too_much_memory_is_refused_and_the_next_is_answered() -> None:
    async def work(pool: Pool) -> None:
        assert await kinds(pool, "query", MUCH) == ["limit"]
        assert await kinds(pool, "query", LITTLE) == ["answer"]

    run(replace(LIMITS, memory=2 * MIB), work)


def test_who_goes_away_frees_the_place() -> None:
    async def work(pool: Pool) -> None:
        async with aclosing(pool.run("query", MUCH)) as events:
            async for _ in events:
                break
        assert await asyncio.wait_for(kinds(pool, "query", LITTLE), 10) == ["answer"]

    run(LIMITS, work)


def test_a_worker_that_dies_is_replaced() -> None:
    async def work(pool: Pool) -> None:
        (worker,) = pool.idle
        asked = asyncio.create_task(kinds(pool, "query", MUCH))
        await asyncio.sleep(0.3)
        worker.process.kill()
        assert await asked == ["limit"]
        assert await kinds(pool, "query", LITTLE) == ["answer"]
        (worker,) = pool.idle
        worker.process.kill()
        worker.process.join()
        assert await kinds(pool, "query", LITTLE) == ["answer"]

    run(LIMITS, work)


def test_workers_are_used_again_and_not_for_ever() -> None:
    async def work(pool: Pool) -> None:
        seen = []
        for _ in range(4):
            seen += [worker.process.pid for worker in pool.idle]
            assert await kinds(pool, "query", LITTLE) == ["answer"]
        first, again, second = seen
        assert first == again != second

    run(replace(LIMITS, uses=2), work)


def test_too_many_who_wait_are_told_so() -> None:
    async def work(pool: Pool) -> None:
        busy = asyncio.create_task(kinds(pool, "query", MUCH))
        await asyncio.sleep(0.1)
        waits = asyncio.create_task(kinds(pool, "query", LITTLE))
        await asyncio.sleep(0.1)
        with pytest.raises(Busy):
            await kinds(pool, "query", LITTLE)
        busy.cancel()
        assert await waits == ["answer"]

    run(replace(LIMITS, waiting=1, patience=60), work)
