"""Tasks that no task group can hold: waited for however often the caller is cancelled, natively or by a scope."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import anyio
import pytest

from halo_async._utils.background import complete, finish, in_own_task, start, stop, wait
from halo_async._utils.threads import fold_in_thread, open_in_thread, run_in_thread


class Slow:
    """Work with a cleanup that waits, and counts how often it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.ended = False

    async def __call__(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            for _ in range(5):
                try:
                    await asyncio.sleep(0)
                except asyncio.CancelledError:
                    self.cancelled += 1
            self.ended = True


@pytest.mark.parametrize("how", [in_own_task, lambda work: stop_soon(start(work))])
async def test_a_scope_cancels_a_users_function_once_and_waits_for_its_cleanup(how):
    work = Slow()
    with anyio.CancelScope() as scope:
        asyncio.get_running_loop().call_later(0, scope.cancel)
        await how(work())
    assert scope.cancel_called
    assert (work.cancelled, work.ended) == (1, True)


async def stop_soon(task: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)
    await stop(task)


async def test_each_native_cancellation_reaches_a_users_function():
    work = Slow()
    task = asyncio.create_task(in_own_task(work()))
    for _ in range(2):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (work.cancelled, work.ended) == (2, True)


async def test_what_a_users_function_waited_for_may_be_cancelled_without_its_caller():
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await in_own_task(work())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_shared_task_goes_on_when_one_who_waits_is_cancelled():
    go = asyncio.Event()
    task = start(go.wait())
    waiting = asyncio.create_task(wait(task))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not task.done()
    go.set()
    await finish(task)
    assert task.result() is True


async def test_a_beginning_that_must_not_stop_halfway_is_undone():
    undone = []

    async def begin() -> str:
        await asyncio.sleep(0)
        return "open"

    task = asyncio.create_task(complete(begin(), undone.append))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert undone == ["open"]


@pytest.mark.parametrize("how", ["native", "scope", "timeout"])
async def test_a_thread_is_waited_for_and_what_it_opened_is_closed(how, tmp_path):
    go, opened = threading.Event(), []

    def work():
        go.wait(10)
        opened.append((tmp_path / "x").open("wb"))
        return opened[0]

    asyncio.get_running_loop().call_later(0.02, go.set)
    assert await cancelled(how, open_in_thread(work, lambda file: file.close()))
    assert opened[0].closed


@pytest.mark.parametrize("how", ["native", "scope", "timeout"])
async def test_a_write_is_done_before_the_cancellation_is_raised(how, tmp_path):
    go, path = threading.Event(), tmp_path / "written"

    def work() -> None:
        go.wait(10)
        path.write_bytes(b"all of it")

    asyncio.get_running_loop().call_later(0.02, go.set)
    assert await cancelled(how, run_in_thread(work))
    assert path.read_bytes() == b"all of it"


async def test_a_long_reading_ends_with_the_next_item():
    begun, seen = threading.Event(), []

    def items():
        for number in range(10**9):
            seen.append(number)
            begun.set()
            yield number

    task = asyncio.create_task(fold_in_thread(sum, items))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    count = len(seen)
    await asyncio.sleep(0.01)
    assert len(seen) == count


async def cancelled(how: str, work) -> bool:
    """Cancel it at its first `await`; return whether that was raised."""
    if how == "scope":
        with anyio.CancelScope() as scope:
            asyncio.get_running_loop().call_soon(scope.cancel)
            await work
            await asyncio.sleep(0)
        return scope.cancelled_caught
    if how == "timeout":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await work
        return True
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return True


ROOT = Path(__file__).parents[2] / "halo_async"
BY_HAND = (
    "create_task(", "ensure_future(", "gather(", "asyncio.TaskGroup", "as_completed(", "asyncio.shield(",
    "asyncio.wait(", "asyncio.to_thread", "anyio.to_thread", "run_in_executor(", "asyncio.Queue", "asyncio.Semaphore",
)  # fmt: skip
ADAPTERS = {
    "_utils/background.py": {"create_task(", "asyncio.wait("},
    "blocking/fleet.py": {"as_completed("},  # of threads: no loop runs there
    "_utils/threads.py": {
        "run_in_executor(",
        "anyio.to_thread",
        "asyncio.to_thread",
    },  # named in its docstring
}


def test_tasks_are_made_by_hand_in_one_place():
    found = {
        path.relative_to(ROOT).as_posix(): {word for word in BY_HAND if word in path.read_text("utf-8")}
        for path in ROOT.rglob("*.py")
    }
    assert {name: words for name, words in found.items() if words} == ADAPTERS
