"""The window on a virtual clock, which a real redis-server gets its time from: latecomers, the dead, set clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from halo_async import Coordination, RateLimit, VirtualClock
from halo_async.coordination.timing import LEASE, SETTLE
from halo_async.coordination.window import SharedWindow
from halo_async.transport.limiter import Limiter
from tests.support.redis_server import RedisServer
from tests.support.window_kit import most_in_window

REQUESTS, SECONDS = 30, 300.0


@pytest.fixture
def client(redis: RedisServer) -> Iterator[Any]:
    package = pytest.importorskip("redis")
    with package.Redis.from_url(redis.url) as connection:
        yield connection


class Process:
    """A process that always has something to send, for as long as it is told."""

    def __init__(self, client: Any, clock: VirtualClock) -> None:
        from benchmarks.fleet_simulation import VirtualLink

        limit = RateLimit(REQUESTS, SECONDS)
        link = VirtualLink(client, clock)
        self.window = SharedWindow(link, Coordination("redis://here"), limit, "instance", clock, 330.0)
        self.limiter = Limiter(limit, clock, lambda: 0.5, self.window)
        self.clock = clock
        self.sent: list[float] = []

    async def send(self, until: float) -> None:
        while self.clock.monotonic() < until:
            await self.limiter.acquire()
            self.sent.append(self.clock.monotonic())
            await self.clock.sleep(0.1)
            self.limiter.release()


async def test_a_latecomer_gets_its_share_of_the_next_window(client: Any) -> None:
    clock = VirtualClock(auto_advance=True)
    early, late = Process(client, clock), Process(client, clock)
    first = asyncio.create_task(early.send(1300.0))
    await clock.sleep(100.0)
    await asyncio.gather(first, late.send(1300.0))
    for process in (early, late):
        await process.window.aclose()
    second = [at for at in late.sent if at < 650.0]
    assert len(second) >= 0.6 * REQUESTS / 2
    assert len(early.sent) + len(late.sent) >= 4 * REQUESTS
    assert most_in_window(sorted(early.sent + late.sent), SECONDS) <= REQUESTS


async def test_requests_of_a_process_that_died_leave_the_window(client: Any) -> None:
    clock = VirtualClock(auto_advance=True)
    dead, alive = Process(client, clock), Process(client, clock)
    for _ in range(REQUESTS):
        await dead.limiter.acquire()
    for task in dead.window._tasks:
        task.cancel()
    died = clock.monotonic()
    await alive.limiter.acquire()
    waited = clock.monotonic() - died
    alive.limiter.release()
    await alive.window.aclose()
    assert SECONDS <= waited <= SECONDS + LEASE + 5


@pytest.mark.parametrize("jump", [3600.0, -3600.0], ids=["forward", "back"])
async def test_a_clock_of_redis_that_is_set_neither_breaks_the_window_nor_stops_for_an_hour(
    client: Any, jump: float
) -> None:
    clock = VirtualClock(auto_advance=True)
    server = VirtualClock()

    class SetClock:
        def time(self) -> float:
            return server.time() + clock.monotonic() + moved

    moved, process = 0.0, Process(client, clock)
    process.window._link._clock = SetClock()  # type: ignore[attr-defined]
    await clock.sleep(1.0)
    sending = asyncio.create_task(process.send(1500.0))
    await clock.sleep(150.0)
    moved = jump
    await sending
    await process.window.aclose()
    assert most_in_window(process.sent, SECONDS) <= REQUESTS
    assert len(process.sent) >= 3 * REQUESTS


async def test_nobody_is_admitted_while_a_new_redis_hears_of_what_was_sent(client: Any) -> None:
    clock = VirtualClock(auto_advance=True)
    process = Process(client, clock)
    assert await process.limiter.acquire() >= SETTLE
    process.limiter.release()
    await process.window.aclose()
