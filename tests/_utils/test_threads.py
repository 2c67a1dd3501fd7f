"""Work in a thread has ended when its call has, however often that is cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import pytest

from halo_async._utils.threads import run_in_thread, run_until_stopped


@pytest.mark.parametrize("stopping", [False, True])
@pytest.mark.parametrize("times", [1, 2, 5])
async def test_the_thread_has_ended_when_the_call_has(times: int, stopping: bool) -> None:
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        go_on.wait(30)
        ended.set()

    call: Any = run_until_stopped(threading.Event(), work) if stopping else run_in_thread(work)
    task = asyncio.ensure_future(call)
    await asyncio.to_thread(began.wait, 30)
    for _ in range(times):
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_scope_of_anyio_that_cancels_again_and_again_waits_for_it() -> None:
    ended = threading.Event()
    stop = threading.Event()

    def work() -> None:
        stop.wait(0.05)
        ended.set()

    with anyio.CancelScope() as scope:
        asyncio.get_running_loop().call_soon(scope.cancel)
        await run_in_thread(work)
    assert scope.cancelled_caught
    assert ended.is_set()
