"""Reading of a list within Halo's rolling limit, on a virtual clock shared by client and emulator."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def ready(way: str, rows: int) -> Callable[[], dict[str, Any]]:
    """`way`: `walk` or `export`. The emulator's window is as strict as Halo's: 300 requests in 300 s."""
    return lambda: asyncio.run(_read(way, rows))


async def _read(way: str, rows: int) -> dict[str, Any]:
    from halo_async import ClientCredentials, Halo
    from halo_async._utils.clock import VirtualClock
    from halo_async.emulator import Emulator

    clock = VirtualClock(auto_advance=True)
    async with Emulator(tickets=rows, clock=clock) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, tenant="emulator", clock=clock) as halo:
            began = clock.monotonic()
            came = await (_walked(halo) if way == "walk" else _exported(halo))
            seconds = clock.monotonic() - began
        asked = emulator.requests("GET /Tickets")
    if came != rows:
        raise LookupError(f"{came} of {rows} rows came")
    return {
        "seconds": seconds,
        "requests": len(asked),
        "refused": sum(request.status == 429 for request in asked),
    }


async def _walked(halo: Any) -> int:
    rows = 0
    async for _ in halo.tickets.list(order="id"):
        rows += 1
    return rows


async def _exported(halo: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = await halo.export(["tickets"], Path(folder) / "out")
    return int(report.resources[0].rows)
