"""One piece of work in each turn of the event loop: results are used before the next piece begins."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter

import pytest

from halo_async._utils.loop_turns import LONGEST_TURN, LoopTurns, TurnBudget


async def test_work_that_is_ready_at_once_is_done_in_order_and_one_piece_in_each_turn_of_the_loop() -> None:
    turns, done, passed = LoopTurns(), [], 0

    async def count() -> None:
        nonlocal passed
        while len(done) < 6:
            passed += 1
            await asyncio.sleep(0)

    async def work(number: int) -> None:
        await turns.turn()
        done.append((number, passed))

    await asyncio.gather(count(), *map(work, range(6)))
    assert [number for number, _ in done] == list(range(6))
    assert len({turn for _, turn in done}) == 6


async def test_whoever_waits_for_a_result_goes_on_before_the_work_after_the_next_one() -> None:
    turns, log = LoopTurns(), []

    async def work(number: int) -> int:
        await turns.turn()
        log.append(f"made {number}")
        return number

    tasks = [asyncio.ensure_future(work(number)) for number in range(4)]
    for task in tasks:
        log.append(f"used {await task}")
    for number in range(2):
        assert log.index(f"used {number}") < log.index(f"made {number + 2}")


async def test_a_task_that_is_cancelled_while_it_waits_passes_its_turn_on() -> None:
    turns, done = LoopTurns(), []

    async def work(number: int) -> None:
        await turns.turn()
        done.append(number)

    tasks = [asyncio.ensure_future(work(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    assert done == [0, 3]
    await turns.turn()
    await turns.turn()


def test_a_loop_that_ended_with_turns_that_nobody_took_does_not_hold_up_the_next_one() -> None:
    turns = LoopTurns()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(turns.turn())  # the loop stops before its next turn
    loop.close()

    async def again() -> None:
        await asyncio.gather(turns.turn(), turns.turn())

    asyncio.run(again())


@pytest.mark.parametrize(("seconds", "least", "most"), [(LONGEST_TURN / 2, 10, 40), (0.0, 0, 10)])
async def test_work_of_many_parts_lets_others_run_as_often_as_its_length_requires(
    seconds: float, least: int, most: int
) -> None:
    turns, is_done = 0, False

    async def count() -> None:
        nonlocal turns
        while not is_done:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(count())
    budget = TurnBudget()
    for _ in range(40):
        end = perf_counter() + seconds
        while perf_counter() < end:
            pass
        await budget.spend()
    is_done = True
    await others
    assert least <= turns <= most
