"""Short work on files beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_thread(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread. Cancelled, wait until it is done: nothing is written behind the caller's back."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await task
        raise


# Work on files beside the event loop, which ends before whoever waits for it does.


async def run_until_stopped(stop: Event, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run `work` in a thread. Cancelled, tell it through `stop`, and wait for it to give up.

    Otherwise it would still write when the folder is free for another export.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        with suppress(Exception):
            await task
        raise
