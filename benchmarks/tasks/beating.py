"""A heartbeat on the event loop while large pages are read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from benchmarks.page_server import WIDE_PAGE

BEAT = 0.001
"""Seconds from one beat to the next, if nothing is in the way."""


class Heartbeat:
    """Measures the longest stretch in which the event loop did nothing else.

    :ivar longest: in milliseconds.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._last = time.perf_counter()
        self._next = self._loop.call_later(BEAT, self._beat)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, 1000 * (now - self._last))
        self._last = now
        self._next = self._loop.call_later(BEAT, self._beat)

    def stop(self) -> float:
        """Return the longest stretch."""
        self._beat()
        self._next.cancel()
        return self.longest


def ready(url: str, rows: int, ahead: int, *, by_page: bool) -> Callable[[], float]:
    """Run a whole walk over pages of 5,000 rows, and return the longest stretch. Fail if rows are missing."""
    from halo_async import ClientCredentials, Halo, RateLimit

    async def walk() -> float:
        limit = RateLimit(1_000_000, 300)
        async with Halo(url, ClientCredentials("id", "secret"), rate_limit=limit) as halo:
            pages = halo.tickets.list(page_size=WIDE_PAGE).prefetch(ahead)
            heart, came = Heartbeat(), 0
            if by_page:
                async for page in pages.by_page():
                    came += len(page)
            else:
                async for _ in pages:
                    came += 1
            longest = heart.stop()
        if came != rows:
            raise LookupError(f"{came} of {rows} rows came")
        return longest

    return lambda: asyncio.run(walk())
