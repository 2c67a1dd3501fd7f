"""Small calls, awaited or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


def ready(url: str, id: str, secret: str, calls: int, way: str) -> Callable[[], int]:
    """Return a run of so many calls by a client that is logged in: `awaited` or `blocking`."""
    from halo_async import ClientCredentials, Halo
    from halo_async.blocking import Halo as BlockingHalo

    login = (url, ClientCredentials(id, secret))
    if way == "blocking":
        blocking = BlockingHalo(*login, rate_limit=None).__enter__()
        return lambda: sum(blocking.tickets.get(1).id for _ in range(calls))
    runner = asyncio.Runner()
    halo = runner.run(Halo(*login, rate_limit=None).__aenter__())

    async def awaited() -> int:
        return sum([(await halo.tickets.get(1)).id for _ in range(calls)])

    return lambda: runner.run(awaited())
