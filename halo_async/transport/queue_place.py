"""Position of a request in the queue of the rate limiter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from halo_async._utils.wait_notice import NOTICED


class QueuePlace:
    """Position of one request in the queue."""

    __slots__ = ("_woken",)

    def __init__(self) -> None:
        self._woken: asyncio.Future[None] | None = None

    async def wait(self, notice: Callable[[], None] | None = None) -> None:
        """Until woken; `notice` is called if that takes longer than a person takes for no wait."""
        loop = asyncio.get_running_loop()
        self._woken = loop.create_future()
        timer = loop.call_later(NOTICED, notice) if notice is not None else None
        try:
            await self._woken
        finally:
            self._woken = None
            if timer is not None:
                timer.cancel()

    def wake(self) -> None:
        """End the wait."""
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)
