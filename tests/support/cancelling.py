"""A driver that cancels a scenario at each `await` of it, also of its tasks, natively and by a scope of anyio."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import anyio

from tests.support.leftovers import open_files

HOW = ("native", "scope", "timeout")
"""`Task.cancel`, a scope of anyio, and `asyncio.timeout`."""
SAMPLES = int(os.environ.get("HALO_CANCELLATIONS", "8"))
"""How many moments of a scenario are tried; 0 for all."""

Scenario = Callable[[], Awaitable[object]]


class Moments:
    """Counts the suspensions of all tasks that are made in its block, and calls `act` at one of them."""

    def __init__(self, at: int | None, act: Callable[[], object] | None = None) -> None:
        self.count = 0
        self._at = at
        self.act = act

    def make(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> Any:
        """Make a task, as a loop's task factory does."""
        return asyncio.Task(self._counted(work), loop=loop, **options)

    def suspended(self) -> None:
        """Count one."""
        self.count += 1
        if self.count == self._at and self.act is not None:
            self.act()

    async def run(self, work: Awaitable[Any]) -> Any:
        """Count those of the running task, too."""

        async def wait() -> Any:
            return await work

        return await self._counted(wait())

    def _counted(self, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        return Counted(work, self)


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose suspensions are counted."""

    def __init__(self, work: Coroutine[Any, Any, Any], moments: Moments) -> None:
        self._work = work
        self._moments = moments

    def send(self, value: Any) -> Any:
        """See `Coroutine.send`."""
        return self._suspended(self._work.send(value))

    def throw(self, *error: Any) -> Any:
        """See `Coroutine.throw`."""
        return self._suspended(self._work.throw(*error))

    def close(self) -> None:
        """See `Coroutine.close`."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return _steps(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)  # cr_frame and its like

    def _suspended(self, waits: Any) -> Any:
        self._moments.suspended()
        return waits


def _steps(work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    error: BaseException | None = None
    while True:
        try:
            waits = work.send(None) if error is None else work.throw(error)
        except StopIteration as end:
            return end.value
        error = None
        try:
            yield waits
        except BaseException as thrown:
            error = thrown


class Threads(ThreadPoolExecutor):
    """The threads of an event loop, and what they still do."""

    def __init__(self) -> None:
        super().__init__(4)
        self.jobs: list[Future[Any]] = []

    def submit(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        """See `ThreadPoolExecutor.submit`."""
        job = super().submit(work, *args, **options)
        self.jobs = [one for one in self.jobs if not one.done()] + [job]
        return job

    @property
    def busy(self) -> bool:
        return not all(job.done() for job in self.jobs)


async def cancelled_at(moment: int | None, how: str, work: Scenario) -> int:
    """Run a scenario, and cancel it at the nth suspension; return how many there were.

    It may end before, or with an error of its own if that came first; never with a cancellation that nobody asked for,
    nor go on after one.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    moments = Moments(moment)
    loop.set_task_factory(moments.make)
    try:
        await _WAYS[how](moments, work)
    finally:
        loop.set_task_factory(before)
    return moments.count


async def _natively(moments: Moments, work: Scenario) -> None:
    async def main() -> None:
        await moments.run(work())

    task = asyncio.get_running_loop().create_task(main())
    asked = False

    def cancel() -> None:
        nonlocal asked
        asked = task.cancel()

    moments.act = cancel
    await asyncio.wait([task])
    if task.cancelled():
        assert asked, "cancelled by nobody"
    else:
        task.result()
        assert not asked, "the cancellation was lost"


async def _by_scope(moments: Moments, work: Scenario) -> None:
    with anyio.CancelScope() as scope:
        moments.act = scope.cancel
        await moments.run(work())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def _by_timeout(moments: Moments, work: Scenario) -> None:
    try:
        async with asyncio.timeout(None) as limit:
            moments.act = lambda: None if limit.expired() else limit.reschedule(0)
            await moments.run(work())
    except TimeoutError:
        assert limit.expired()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


_WAYS = {"native": _natively, "scope": _by_scope, "timeout": _by_timeout}


@asynccontextmanager
async def threads() -> AsyncIterator[Threads]:
    """The threads of the running loop, to look at."""
    pool = Threads()
    asyncio.get_running_loop().set_default_executor(pool)
    yield pool


async def every_moment(
    how: str,
    work: Scenario,
    check: Callable[[], Awaitable[object]],
    *,
    pool: Threads,
    besides: Sequence[asyncio.Task[Any]] = (),
    names: Sequence[str] = (),
    seed: int = 1,
) -> int:
    """Cancel at each moment (or some of them, by a seed); after each, nothing is left and `check` works.

    :param besides: other callers of what is shared, who may go on; `names`: tasks that are shared.
    """
    total = await cancelled_at(None, how, work)
    await check()
    for moment in chosen(total, seed):
        tasks, files = asyncio.all_tasks(), open_files()
        await cancelled_at(moment, how, work)
        left = {
            task
            for task in asyncio.all_tasks() - tasks - {*besides}
            if not (names and _is_shared(task, names))
        }
        assert not left, f"at {moment} of {total}, {how}: {left}"
        assert not pool.busy, f"at {moment} of {total}, {how}: a thread goes on"
        await check()
        await _files_closed(files, f"at {moment} of {total}, {how}")
    return total


def _is_shared(task: asyncio.Task[Any], names: Sequence[str]) -> bool:
    """A shared task, or aiohttp's own that writes the request of one."""
    return task.get_name() in names or "ClientRequest.write_bytes" in repr(task)


class Cleanup:
    """What a user's function does when it ends: it waits, and counts how often it was cancelled."""

    def __init__(self) -> None:
        self.open = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        self.open += 1
        cancelled = 0
        try:
            yield
        except asyncio.CancelledError:
            cancelled += 1
            raise
        finally:
            for _ in range(4):
                try:
                    await asyncio.sleep(0)
                except asyncio.CancelledError:
                    cancelled += 1
            self.open -= 1
            assert cancelled < 2, "cancelled again during its cleanup"


def chosen(total: int, seed: int) -> Iterator[int]:
    """The moments to try."""
    every = range(1, total + 1)
    if not SAMPLES or total <= SAMPLES:
        return iter(every)
    return iter(sorted(random.Random(seed).sample(every, SAMPLES)))


async def _files_closed(before: set[str], when: str) -> None:
    for _ in range(1000):
        more = {name for name in open_files() - before if "socket:" not in name}
        if not more:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"{when}: {sorted(more)} of {threading.active_count()} threads")
