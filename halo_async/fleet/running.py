"""One function over many names, with bounded concurrency, and a result for each."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from halo_async._utils.clock import Clock
from halo_async.errors import DeadlineExceededError, HaloError
from halo_async.fleet.result import Result


async def results(
    names: Sequence[str],
    call: Callable[[str], Any],
    *,
    concurrency: int,
    deadline: float | None,
    clock: Clock,
) -> AsyncGenerator[Result[Any], None]:
    """Yield results as they become available. Leaving early cancels and awaits the calls in progress."""
    waiting = iter(names)
    done: asyncio.Queue[Result[Any]] = asyncio.Queue()

    async def work() -> None:
        for name in waiting:
            done.put_nowait(await _result(name, call, deadline, clock))

    workers = [asyncio.create_task(work()) for _ in range(min(concurrency, len(names)))]
    try:
        for _ in names:
            yield await done.get()
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _result(name: str, call: Callable[[str], Any], deadline: float | None, clock: Clock) -> Result[Any]:
    start = clock.monotonic()
    value: Any = None
    failure: Exception | None = None
    try:
        value = await _within(deadline, clock, lambda: call(name))
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # What the function awaited was cancelled; that is not a reason to stop the others.
        failure = HaloError("The operation that the function awaited was cancelled.")
        failure.__cause__ = error
    except Exception as error:
        failure = error
    if failure is not None:
        failure.add_note(f"instance {name}")
    return Result(name, value, failure, clock.monotonic() - start)


async def _within(seconds: float | None, clock: Clock, call: Callable[[], Any]) -> Any:
    if seconds is None:
        return await _awaited(call)
    scope = asyncio.timeout(None)
    try:
        async with scope:
            timer = asyncio.ensure_future(clock.sleep(seconds))
            timer.add_done_callback(lambda timer: None if timer.cancelled() else scope.reschedule(0))
            try:
                return await _awaited(call)
            finally:
                timer.cancel()
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise DeadlineExceededError(f"The deadline of {seconds:g} s expired.") from error


async def _awaited(call: Callable[[], Any]) -> Any:
    value = call()
    return await value if inspect.isawaitable(value) else value
