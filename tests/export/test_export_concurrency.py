"""Lanes side by side: an error ends all of them, and a cancellation is never forgotten."""

from __future__ import annotations

import asyncio

import pytest

from halo_async.errors import DecodeError
from halo_async.export.concurrency import run_all


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
