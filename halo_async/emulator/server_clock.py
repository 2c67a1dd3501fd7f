"""The time of an instance: the clock it was given, plus what was added by ``advance``."""

from __future__ import annotations

from halo_async._utils.clock import Clock, VirtualClock


class ServerClock:
    """A clock that can be put forward.

    A virtual clock underneath is moved itself, so that a client that shares it sees it.
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
        """Let so many seconds pass at once: tokens age and the limit's window rolls."""
        if isinstance(self._base, VirtualClock):
            self._base.advance(seconds)
        else:
            self._ahead += seconds
