"""The queue of the rate limiter, and the position of a request in it."""

from __future__ import annotations

import asyncio
from collections import deque
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


class RequestQueue:
    """Requests that wait: retries before new ones, each of them in order of arrival."""

    __slots__ = ("_fresh", "_repeats", "length")

    def __init__(self) -> None:
        self._fresh: deque[QueuePlace] = deque()
        self._repeats: deque[QueuePlace] = deque()
        self.length = 0

    @property
    def head(self) -> QueuePlace:
        """The request whose turn is next; there has to be one."""
        return self._repeats[0] if self._repeats else self._fresh[0]

    def join(self, *, repeat: bool) -> QueuePlace:
        """Queue up. `repeat`: it is a retry."""
        place = QueuePlace()
        (self._repeats if repeat else self._fresh).append(place)
        self.length += 1
        return place

    def remove(self, place: QueuePlace, *, repeat: bool) -> None:
        """Leave the queue."""
        (self._repeats if repeat else self._fresh).remove(place)
        self.length -= 1

    def wake_head(self) -> None:
        """Have the next request look whether it may be sent."""
        if self.length:
            self.head.wake()
