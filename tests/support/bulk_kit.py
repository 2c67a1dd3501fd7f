"""Bulk writes against an emulator, and what it knows of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from halo_async.emulator import Emulator
from halo_async.writing.result import RowResult

TICKETS = "POST /Tickets"


def creates(count: int, prefix: str = "row") -> list[dict[str, Any]]:
    return [{"summary": f"{prefix} {number}"} for number in range(count)]


async def all_of(
    results: AsyncGenerator[RowResult[Any], None],
) -> tuple[list[RowResult[Any]], Exception | None]:
    """Every result, and what it ended with."""
    found: list[RowResult[Any]] = []
    try:
        async with aclosing(results):
            async for result in results:
                found.append(result)
    except Exception as error:
        return found, error
    return found, None


def stored(emulator: Emulator) -> Counter[str]:
    """How often each summary that was written is there."""
    table = emulator.world.table("/Tickets")
    return Counter(str(fields["summary"]) for fields in list(table.written.values()) if "summary" in fields)


def sizes(emulator: Emulator) -> list[int]:
    """How many elements each POST had."""
    return [len(request.json()) for request in emulator.requests(TICKETS)]


def outcomes(results: list[RowResult[Any]]) -> list[str]:
    return [result.outcome for result in results]


def left_over() -> list[asyncio.Task[Any]]:
    """Tasks of a bulk write that are still there, and of the loop closing one."""
    ours = []
    for task in asyncio.all_tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        if code is None or "halo_async/writing" in code.co_filename:
            ours.append(task)
    return ours
