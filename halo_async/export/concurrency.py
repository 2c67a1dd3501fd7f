"""Concurrent lanes that run as one and raise one error."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

Lane = asyncio.Task[None]


async def run_all(lanes: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run them all; the first error cancels the others and is raised unchanged.

    A cancellation comes before any error. `asyncio.TaskGroup` forgets one where a task of it fails at the same time:
    whoever catches the error would go on, with nobody left to cancel it again.
    """
    errors: list[BaseException] = []

    def note(lane: Lane) -> None:
        if not lane.cancelled() and (error := lane.exception()) is not None:
            errors.append(error)

    started = [asyncio.ensure_future(lane) for lane in lanes]
    for lane in started:
        lane.add_done_callback(note)
    try:
        if started:
            await asyncio.wait(started, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await _end(started)
    if errors:
        raise errors[0]


async def _end(lanes: Sequence[Lane]) -> None:
    """Cancel what is under way, and wait for it, however often the waiting itself is cancelled."""
    cancelled: asyncio.CancelledError | None = None
    under_way = {lane for lane in lanes if not lane.done()}
    for lane in under_way:
        lane.cancel()
    while under_way:
        try:
            _, under_way = await asyncio.wait(under_way)
        except asyncio.CancelledError as error:
            cancelled, under_way = error, {lane for lane in under_way if not lane.done()}
    if cancelled is not None:
        raise cancelled
