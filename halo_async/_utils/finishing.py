"""Work that is finished although whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finish(work: Coroutine[Any, Any, T], too_late: Callable[[], Coroutine[Any, Any, None]]) -> T:
    """Run `work`. If cancelled, also repeatedly, wait for its end or that of `too_late` before raising."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            timer = asyncio.ensure_future(too_late())
            await ended({task, timer}, asyncio.FIRST_COMPLETED)
            timer.cancel()
            task.cancel()
            await ended({task, timer})
        raise


async def ended(tasks: set[asyncio.Task[Any]], when: str = asyncio.ALL_COMPLETED) -> None:
    """Wait until tasks are done, or the first of them, even if cancelled meanwhile. Their errors count as seen.

    That it was cancelled is for the caller to know.
    """
    while pending := {task for task in tasks if not task.done()}:
        if when == asyncio.FIRST_COMPLETED and len(pending) < len(tasks):
            break
        try:
            await asyncio.wait(pending, return_when=when)
        except asyncio.CancelledError:
            continue
    for task in tasks:
        if task.done() and not task.cancelled():
            task.exception()  # asyncio would log it otherwise
