"""Concurrent lanes that run as one and raise one error."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def run_all(lanes: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run them all; the first error cancels the others and is raised unchanged."""
    try:
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(lane)
    except BaseExceptionGroup as errors:
        first = _first(errors)
    else:
        return
    raise first  # outside the handler: inside it, its own cause would be lost


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
