"""The client's clock: the system's, or a virtual one for tests and the emulator."""

from __future__ import annotations

import asyncio
import heapq
import time as _time
from itertools import count
from typing import Protocol

_IDLE_TURNS = 10
"""Event loop iterations given to other tasks before an automatic clock advances."""


class Clock(Protocol):
    """Clock interface that the client uses. All values are in seconds."""

    def monotonic(self) -> float:
        """Return monotonic seconds, which never decrease (but may stand still while the machine sleeps)."""
        ...

    def time(self) -> float:
        """Return the wall-clock seconds since 1970 (they may jump)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after this many seconds; yield to the loop at least once if it is 0 or less.

        :param seconds: how long.
        """
        ...


class SystemClock:
    """The system's own clocks."""

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return _time.monotonic()

    def time(self) -> float:
        """See `Clock.time`."""
        return _time.time()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """Clock that advances only when told to, so that waiting an hour costs nothing.

    With `auto_advance=True` a sleeping task advances the clock itself, after the event loop has run some
    iterations for other work; several sleepers wake in the order of their deadlines, never all at once.

    :param start: the wall-clock time at first, as a Unix timestamp.
    """

    def __init__(self, start: float = 1_700_000_000.0, *, auto_advance: bool = False) -> None:
        self.auto_advance = auto_advance
        self.slept = 0.0
        """Seconds by which this clock has advanced through `sleep` or `advance`."""
        self._wall_offset = start
        self._now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._pump: asyncio.AbstractEventLoop | None = None

    def monotonic(self) -> float:
        """See `Clock.monotonic`; starts at 0.0."""
        return self._now

    def time(self) -> float:
        """See `Clock.time`; starts at `start`."""
        return self._wall_offset + self._now

    def set_wall(self, seconds: float) -> None:
        """Make the wall clock jump, as a machine's does when it is set; wakes no sleeper.

        :param seconds: the new wall-clock time, as a Unix timestamp.
        """
        self._wall_offset = seconds - self._now

    def advance(self, seconds: float) -> None:
        """Advance the clock and wake every sleeper whose deadline has passed.

        :param seconds: 0 or more.
        :raises ValueError: for a negative number; only the wall clock can go back (`set_wall`).
        """
        if seconds < 0:
            raise ValueError("A monotonic clock cannot go back.")
        self._move_to(self._now + seconds)

    @property
    def sleepers(self) -> int:
        """Number of pending sleeps."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), future))
        if self.auto_advance:
            self._start_pump(loop)
        await future

    def _move_to(self, now: float) -> None:
        self.slept += max(0.0, now - self._now)
        self._now = max(self._now, now)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _wake(heapq.heappop(self._sleepers)[2])

    def _start_pump(self, loop: asyncio.AbstractEventLoop) -> None:
        # One pump per loop. A loop that was closed with its pump running must not block the next one's.
        if self._pump is not loop:
            self._pump = loop
            loop.call_soon(self._turn, loop, _IDLE_TURNS)

    def _turn(self, loop: asyncio.AbstractEventLoop, turns: int) -> None:
        if turns:
            loop.call_soon(self._turn, loop, turns - 1)
            return
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)  # cancelled: nobody waits for that moment any more
        if not self._sleepers:
            self._pump = None
            return
        self._move_to(self._sleepers[0][0])
        loop.call_soon(self._turn, loop, _IDLE_TURNS)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done() and not future.get_loop().is_closed():
        future.set_result(None)
