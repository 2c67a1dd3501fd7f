"""Time of an instance: the given clock, plus the time added by ``advance``."""

from __future__ import annotations

from halo_async._utils.clock import Clock, VirtualClock


class ServerClock:
    """Clock that can be advanced.

    An underlying virtual clock is advanced itself, so that a client that shares it sees the change.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = 0.0

    def monotonic(self) -> float:
        """See `halo_async._utils.clock.Clock`."""
        return self._base.monotonic() + self._ahead

    def time(self) -> float:
        """See `halo_async._utils.clock.Clock`."""
        return self._base.time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """See `halo_async._utils.clock.Clock`."""
        await self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Advance by this many seconds at once: tokens age and the limit's window rolls."""
        if isinstance(self._base, VirtualClock):
            self._base.advance(seconds)
        else:
            self._ahead += seconds
