"""Lanes side by side: an error ends all of them, and a cancellation is never forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import anyio
import pytest

from halo_async._utils.background import complete
from halo_async._utils.task_groups import OpenGroup, run_all
from halo_async.errors import DecodeError


async def endless() -> None:
    await asyncio.Event().wait()


async def fails_when_cancelled() -> None:
    try:
        await endless()
    finally:
        raise DecodeError("the response that was under way cannot be read")


async def fails() -> None:
    raise DecodeError("no list")


async def test_the_first_error_ends_the_others_and_is_raised_as_it_is():
    with pytest.raises(DecodeError, match="no list"):
        await run_all([endless(), fails()])
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cancellation_during_which_a_lane_fails_is_still_one():
    went_on = []

    async def reader() -> None:
        try:
            await run_all([endless(), fails_when_cancelled()])
        except DecodeError:
            went_on.append("in the next best way")

    task = asyncio.ensure_future(reader())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_so_is_one_that_is_received_with_the_error():
    async def reader() -> None:
        await run_all([endless(), fails()])

    task = asyncio.ensure_future(reader())
    await asyncio.sleep(0)  # the lanes are made
    asyncio.get_running_loop().call_soon(task.cancel)  # behind the lanes' first step
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_however_often_it_is_cancelled_no_lane_is_left_behind():
    let_go, ended = asyncio.Event(), []

    async def stubborn() -> None:
        try:
            await endless()
        finally:
            await complete(finish())  # a scope of anyio cancels each `await` that is not in such a call

    async def finish() -> None:
        await let_go.wait()
        ended.append("stubborn")

    task = asyncio.ensure_future(run_all([stubborn(), endless()]))
    for _ in range(3):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["stubborn"]


async def test_no_lanes_are_done_at_once():
    await run_all([])


async def test_of_several_errors_the_first_is_raised_and_the_others_are_not_logged(caplog):
    async def fails_later() -> None:
        await asyncio.sleep(0)
        raise OSError("the disk is full")

    with pytest.raises(DecodeError, match="no list"):
        await run_all([fails_later(), fails_when_cancelled(), fails()])
    assert not caplog.records


async def test_a_lane_that_is_cancelled_from_within_does_not_count_as_done():
    async def waits_for_what_is_cancelled() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    with pytest.raises(asyncio.CancelledError):
        await run_all([endless(), waits_for_what_is_cancelled()])
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_scope_that_is_cancelled_while_a_lane_fails_is_left_as_cancelled():
    went_on = []
    with anyio.CancelScope() as scope:
        asyncio.get_running_loop().call_later(0, scope.cancel)
        try:
            await run_all([endless(), fails_when_cancelled()])
        except DecodeError:
            went_on.append("in the next best way")
    assert scope.cancelled_caught
    assert not went_on


async def results(work) -> AsyncGenerator[int, None]:
    async with OpenGroup() as group:
        group.start_soon(work)
        for number in range(3):
            await asyncio.sleep(0)
            yield number


async def test_a_group_may_be_open_where_a_generator_yields_that_other_tasks_go_on_with():
    numbers = results(fails_not)
    assert await asyncio.create_task(anext(numbers)) == 0
    assert await asyncio.create_task(anext(numbers)) == 1
    assert [number async for number in numbers] == [2]


async def fails_not() -> None:
    await asyncio.sleep(0)


async def test_an_error_of_a_task_is_raised_at_the_end_of_the_group_as_it_is():
    with pytest.raises(DecodeError, match="no list"):
        assert [number async for number in results(fails)] == [0, 1, 2]


async def test_a_generator_that_is_closed_waits_for_its_group_and_one_that_is_cancelled_ends_it():
    let_go, ended = asyncio.Event(), []

    async def waits() -> None:
        await let_go.wait()
        ended.append("waited")

    numbers = results(waits)
    await anext(numbers)
    closing = asyncio.create_task(numbers.aclose())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not closing.done()
    let_go.set()
    await closing
    assert ended == ["waited"]
    numbers = results(endless)
    await anext(numbers)
    closing = asyncio.create_task(numbers.aclose())
    for _ in range(5):
        await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
