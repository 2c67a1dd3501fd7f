"""Deliveries as the trigger of a watch."""

from __future__ import annotations

from asyncio import Event as Signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halo_async.webhooks.event import Event


class WatchTrigger:
    """Function for `handler` that makes each watch it is given to look at once.

    ```python
    from datetime import timedelta
    from halo_async import webhooks

    trigger = webhooks.WatchTrigger()
    receive = webhooks.handler(trigger, username="halo", password="a password")
    watch = halo.tickets.watch(every=timedelta(minutes=10), trigger=trigger)
    ```

    Call it by yourself, without an event, where deliveries come another way. It belongs to one event loop.
    """

    def __init__(self) -> None:
        self._count = 0
        self._next = Signal()

    def __call__(self, event: Event | None = None) -> None:
        """Fire.

        :param event: the delivered event; any will do.
        """
        self._count += 1
        fired, self._next = self._next, Signal()
        fired.set()

    @property
    def count(self) -> int:
        """Number of times that it has fired."""
        return self._count

    async def wait(self, count: int) -> None:
        """Return when it has fired more often than `count` times.

        :param count: the number of times that are known.
        """
        while self._count <= count:
            await self._next.wait()
