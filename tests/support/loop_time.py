"""Time that passes for an event loop when a test says so: no deadline depends on how fast the machine is."""

from __future__ import annotations

import asyncio
import time


class LoopTime:
    """Moves the clock of the running loop: all timers that are due by then, such as a deadline's, are due at once.

    Between the jumps the time passes that really passes, as with sockets it has to.
    """

    def __init__(self) -> None:
        self.jumped = 0.0
        loop = asyncio.get_running_loop()
        self._before = loop.time
        loop.time = self.monotonic  # type: ignore[method-assign]

    def jump(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.jumped += seconds

    def monotonic(self) -> float:
        """See `Clock.monotonic`: the same as the loop's."""
        return self._before() + self.jumped

    def time(self) -> float:
        """See `Clock.time`."""
        return time.time() + self.jumped

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(seconds)


class JumpingClock(LoopTime):
    """Each wait jumps over its seconds. With `step`, every wait lasts so long, whatever the client meant to wait:
    the length of a retry's wait is random."""

    def __init__(self, step: float | None = None) -> None:
        super().__init__()
        self._step = step

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        seconds = max(0.0, seconds) if self._step is None else self._step
        over = asyncio.ensure_future(asyncio.sleep(seconds))
        await asyncio.sleep(0)  # its timer is set now, behind those that are due before it
        self.jump(seconds)
        try:
            await over
        finally:
            over.cancel()
