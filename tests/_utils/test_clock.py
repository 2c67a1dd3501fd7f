from __future__ import annotations

import asyncio

import pytest

from halo_async._utils.clock import SystemClock, VirtualClock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_sleepers_wake_when_time_is_moved_on() -> None:
    clock, woken = VirtualClock(), []

    async def nap(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (3, 1, 2):
            group.create_task(nap(seconds))
        await settle()
        clock.advance(2)
        await settle()
        assert woken == [1, 2]
        assert clock.sleepers == 1
        clock.advance(1)
    assert woken == [1, 2, 3]


async def test_an_automatic_clock_wakes_sleepers_in_the_order_of_their_times() -> None:
    clock, woken = VirtualClock(auto_advance=True), []

    async def nap(seconds: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(seconds)
            woken.append((clock.monotonic(), seconds))

    await asyncio.gather(nap(10, 2), nap(4, 4))
    assert woken == [(4, 4), (8, 4), (10, 10), (12, 4), (16, 4), (20, 10)]


async def test_a_cancelled_sleep_moves_nothing() -> None:
    clock = VirtualClock(auto_advance=True)
    task = asyncio.create_task(clock.sleep(100))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await clock.sleep(5)
    assert clock.monotonic() == 5
    assert clock.sleepers == 0


def test_an_automatic_clock_outlives_its_loop() -> None:
    clock = VirtualClock(auto_advance=True)
    asyncio.run(clock.sleep(1))

    async def abandoned() -> None:
        asyncio.get_running_loop().call_soon(asyncio.ensure_future, clock.sleep(50))
        await asyncio.sleep(0)

    asyncio.run(abandoned())
    asyncio.run(clock.sleep(1))
    assert clock.monotonic() == 2


async def test_the_wall_clock_can_jump_alone() -> None:
    clock = VirtualClock(start=1000)
    clock.advance(5)
    clock.set_wall(400)
    clock.advance(1)
    assert (clock.time(), clock.monotonic()) == (401, 6)


def test_time_cannot_be_moved_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        VirtualClock().advance(-1)


@pytest.mark.parametrize("clock", [SystemClock(), VirtualClock()])
async def test_a_sleep_of_nothing_gives_others_a_turn(clock) -> None:
    turns = []
    task = asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(turns.append)
    await clock.sleep(0)
    await clock.sleep(-1)
    assert task.done()
