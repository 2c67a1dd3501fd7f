"""The one place where tasks are made by hand: work that a task group of anyio cannot hold.

A task group is left by the task that entered it, and must not be open where an async generator yields: the generator
may be continued by another task, or by none. Here is what has to live on all the same: pages fetched ahead and results
of a bulk write, whose loop may be left at any row; a login that several callers wait for, of which each may be
cancelled; functions of users, which a cancellation reaches once, as everywhere in asyncio, and not at each `await` of
their cleanup, as a scope of anyio would.

Nothing is logged, and no exception is dropped: who starts a task waits for it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

_RUNNING: set[asyncio.Task[Any]] = set()
"""Strong references: an event loop has weak ones only."""


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop.

    :raises RuntimeError: none of asyncio runs, such as under trio.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "No event loop of asyncio is running. Call the client inside asyncio.run(main()). Under trio or anyio, "
            "choose asyncio, or bridge with trio-asyncio."
        ) from None


def start(work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
    """Start a task. Whoever calls this has to `stop` or `finish` it.

    :raises RuntimeError: no event loop of asyncio runs.
    """
    try:
        loop = running_loop()
    except RuntimeError:
        work.close()  # it would warn that nobody awaited it
        raise
    task = loop.create_task(work, name=name)
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)
    return task


def start_for_caller(work: Coroutine[Any, Any, T], context: Context) -> asyncio.Task[T]:
    """Start a task for another thread, which has its coroutine and waits for it: cheaper, as nothing is noted of it.

    :param context: variables of that thread.
    """
    return asyncio.get_running_loop().create_task(work, context=context)


async def wait(*futures: asyncio.Future[Any]) -> None:
    """Wait until all are done. A cancellation is raised at once, and reaches none of them."""
    left = [future for future in futures if not future.done()]
    if left:
        await asyncio.wait(left)


async def wait_for_first(*futures: asyncio.Future[Any], seconds: float | None = None) -> None:
    """Wait until one is done, or the seconds are over. A cancellation is raised at once, and reaches none of them."""
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


async def finish(*futures: asyncio.Future[Any], first: bool = False) -> None:
    """Wait until all are done, or the first, however often the caller is cancelled: that is raised afterwards."""
    cancelled: asyncio.CancelledError | None = None
    when = asyncio.FIRST_COMPLETED if first else asyncio.ALL_COMPLETED
    with _shielded() if futures else nullcontext():
        while left := _list_pending(futures, first=first):
            try:
                await asyncio.wait(left, return_when=when)
            except asyncio.CancelledError as error:
                cancelled = error
    for future in futures:
        if future.done() and not future.cancelled():
            future.exception()  # retrieved: asyncio would log it otherwise
    if cancelled is not None:
        raise cancelled


def _list_pending(futures: Sequence[asyncio.Future[Any]], *, first: bool) -> list[asyncio.Future[Any]]:
    left = [future for future in futures if not future.done()]
    return [] if first and len(left) < len(futures) else left


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, once each, and wait for their cleanup as `finish` does."""
    for task in tasks:
        task.cancel()
    await finish(*tasks)


async def complete(work: Coroutine[Any, Any, T], undo: Callable[[T], object] | None = None) -> T:
    """Run a short beginning or a cleanup to its end, whatever cancels the caller: that is raised afterwards.

    :param undo: gets the result where it is raised.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # under trio, where nothing was opened
        return await work
    task = start(work)
    try:
        await finish(task)
    except asyncio.CancelledError:
        if undo is not None and not task.cancelled() and task.exception() is None:
            undo(task.result())
        raise
    return task.result()


async def complete_in_time(
    work: Coroutine[Any, Any, T], too_late: Callable[[], Coroutine[Any, Any, None]]
) -> T:
    """Run `work`. If cancelled, also repeatedly, wait for its end or that of `too_late` before raising."""
    task = start(work)
    try:
        await wait(task)
    except asyncio.CancelledError:
        timer = start(too_late())
        with suppress(asyncio.CancelledError):  # raised below
            await finish(task, timer, first=True)
        await stop(task, timer)
        raise
    return task.result()


async def in_own_task(work: Coroutine[Any, Any, T]) -> T:
    """Run a user's function. Each cancellation of the caller reaches it once, and its cleanup is waited for.

    :raises CancelledError: the caller was cancelled, or what the function waited for.
    """
    task = start(work)
    try:
        await wait(task)
    except asyncio.CancelledError:
        await _cancel_task(task)
        raise
    return task.result()


async def _cancel_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task, once more with each native cancellation, and wait for it."""
    with _shielded():
        while not task.done():
            task.cancel()
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue  # the caller raises the first one
    if not task.cancelled():
        task.exception()


def _shielded() -> AbstractContextManager[Any]:
    """A block that scopes of anyio do not cancel, which they would do at each `await`. Without anyio there are none."""
    if "anyio" not in sys.modules:
        return nullcontext()
    from anyio import CancelScope

    return CancelScope(shield=True)
