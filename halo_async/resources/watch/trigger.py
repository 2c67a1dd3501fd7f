"""Triggers, which make a watch look before its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from halo_async._utils.background import start, stop, wait_for_first

if TYPE_CHECKING:
    from halo_async._utils.clock import Clock


class ChangeTrigger(Protocol):
    """Something that knows of changes first, such as `halo_async.webhooks.WatchTrigger`."""

    @property
    def count(self) -> int:
        """Number of times that it has fired."""
        ...

    async def wait(self, count: int) -> None:
        """Return when it has fired more often than `count` times."""
        ...


async def sleep_or_fire(clock: Clock, seconds: float, trigger: ChangeTrigger | None, count: int) -> None:
    """Return when the time is over, or the trigger has fired more often than `count` times."""
    if trigger is None:
        await clock.sleep(seconds)
        return
    waiting = [start(clock.sleep(seconds)), start(trigger.wait(count))]
    try:
        await wait_for_first(*waiting)
        for task in waiting:
            if task.done():
                task.result()
    finally:
        await stop(*waiting)
