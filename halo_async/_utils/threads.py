"""Short work on files in a thread, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_thread(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread. If cancelled, wait until it is done: nothing is written in the background."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await task
        raise


# Work on files beside the event loop, which ends before whoever waits for it does.


async def run_until_stopped(stop: Event, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread. If cancelled, set `stop` and wait for the thread to finish.

    Otherwise it would still be writing when the folder is released for another export.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        with suppress(Exception):
            await task
        raise
