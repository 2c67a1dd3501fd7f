"""Short work on files in a thread, off the event loop.

Not by `anyio.to_thread`: it waits for its thread under scopes of anyio only. Natively cancelled (`Task.cancel`,
`asyncio.timeout`) it returns at once, as `asyncio.to_thread` does, and the thread still writes when the folder is
released for another.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from functools import partial
from threading import Event, Thread
from typing import Any, ParamSpec, TypeVar

from halo_async._utils.background import finish, running_loop, wait

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")


async def run_in_thread(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread. If cancelled, wait until it is done: nothing is written in the background."""
    return await result_of(_started(work, *args, **options))


async def open_in_thread(
    work: Callable[P, T], close: Callable[[T], object], *args: P.args, **options: P.kwargs
) -> T:
    """Run `work` in a thread. If cancelled, `close` what it opened."""
    future = _started(work, *args, **options)
    try:
        return await result_of(future)
    except asyncio.CancelledError:
        if not future.cancelled() and future.exception() is None:
            close(future.result())
        raise


async def run_until_stopped(stop: Event, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread, which ends soon after `stop` is set. If cancelled, set it and wait for the thread."""
    return await result_of(_started(work, *args, **options), stop.set)


def start_own_thread(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> asyncio.Future[T]:
    """Run work that waits for others in a thread that is not one of the pool: a few such would leave none to the rest.

    An interpreter that ends does not wait for it. Whoever calls this waits with `result_of` or `finish`.
    """
    found: concurrent.futures.Future[T] = concurrent.futures.Future()
    call = partial(copy_context().run, work, *args, **options)
    Thread(target=_run_into, args=(found, call), daemon=True).start()
    return asyncio.wrap_future(found)


def _run_into(found: concurrent.futures.Future[T], call: Callable[[], T]) -> None:
    found.set_running_or_notify_cancel()
    try:
        result = call()
    except BaseException as error:
        found.set_exception(error)
    else:
        found.set_result(result)


async def fold_in_thread(fold: Callable[[Iterable[Item]], T], items: Callable[[], Iterable[Item]]) -> T:
    """Return `fold(items())`, which may take long, from a thread. If cancelled, it ends before the next item."""
    stop = Event()
    return await run_until_stopped(stop, lambda: fold(_until(stop, items())))


def _until(stop: Event, items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if stop.is_set():
            raise InterruptedError("cancelled")
        yield item


def _started(work: Callable[..., T], *args: Any, **options: Any) -> asyncio.Future[T]:
    call = partial(copy_context().run, work, *args, **options)
    return running_loop().run_in_executor(None, call)


async def result_of(future: asyncio.Future[T], on_cancel: Callable[[], object] | None = None) -> T:
    """Wait for the result of a thread. If cancelled, call `on_cancel`, and wait for the thread to end."""
    try:
        await wait(future)
    except asyncio.CancelledError:
        if on_cancel is not None:
            on_cancel()
        await finish(future)
        raise
    return future.result()
