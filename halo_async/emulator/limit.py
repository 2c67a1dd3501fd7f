"""The rolling limit: at most so many calls in any window of so many seconds."""

from __future__ import annotations

from collections import deque

from halo_async.clock import Clock
from halo_async.emulator.reply import Reply, text_reply
from halo_async.settings import RateLimit


class RollingLimit:
    """A log of the calls in the window. A refused call does not count (guess), so waiting always helps."""

    def __init__(self, limit: RateLimit | None, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._calls: deque[float] = deque()

    def admit(self) -> bool:
        """Whether one more call fits now; it is counted if it does."""
        if self.limit is None:
            return True
        now = self._clock.monotonic()
        while self._calls and self._calls[0] <= now - self.limit.seconds:
            self._calls.popleft()
        if len(self._calls) >= self.limit.requests:
            return False
        self._calls.append(now)
        return True

    def refusal(self) -> Reply:
        """The 429 in Halo's own words; it names no time to wait (measured)."""
        assert self.limit is not None
        minutes = self.limit.seconds / 60
        window = f"{minutes:g} minute" if minutes >= 1 else f"{self.limit.seconds:g} second"
        return text_reply(
            f"Rate Limit Reached - {self.limit.requests} Requests per rolling {window} window", 429
        )

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()
