"""Reading of a list with pages prefetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAGE = 100


def ready(url: str, pages: int, ahead: int) -> Callable[[], int]:
    """Run a whole walk with `.prefetch(ahead)`: log in, read, close. Fail on missing or misordered rows."""
    from halo_async import ClientCredentials, Halo, RateLimit

    async def walk() -> int:
        rows = 0
        limit = RateLimit(1_000_000, 300)
        async with Halo(url, ClientCredentials("id", "secret"), rate_limit=limit) as halo:
            async for ticket in halo.tickets.list().prefetch(ahead):
                rows += 1
                if ticket.id != rows:
                    raise LookupError(f"row {rows} has the id {ticket.id}")
        if rows != pages * PAGE:
            raise LookupError(f"{rows} of {pages * PAGE} rows came")
        return rows

    return lambda: asyncio.run(walk())
