"""Rolling limit: maximum number of requests in any window of some seconds."""

from __future__ import annotations

from collections import defaultdict, deque

from halo_async._utils.clock import Clock
from halo_async.emulator.reply import Reply, text_reply
from halo_async.settings import RateLimit


class RollingLimit:
    """Log of the requests in the window, one per tenant.

    A refused request does not count (guess), so waiting always helps.
    """

    def __init__(self, limit: RateLimit | None, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._calls: defaultdict[str | None, deque[float]] = defaultdict(deque)

    def admit(self, tenant: str | None = None) -> bool:
        """Return whether one more request is allowed now, and count it if so."""
        if self.limit is None:
            return True
        now, calls = self._clock.monotonic(), self._calls[tenant]
        while calls and calls[0] <= now - self.limit.seconds:
            calls.popleft()
        if len(calls) >= self.limit.requests:
            return False
        calls.append(now)
        return True

    def headers(self, tenant: str | None = None) -> dict[str, str]:
        """Return the limit and its rest as headers, under the names that most services use (guess)."""
        if self.limit is None:
            return {}
        left = self.limit.requests - len(self._calls[tenant])
        return {"X-RateLimit-Limit": str(self.limit.requests), "X-RateLimit-Remaining": str(left)}

    def refusal(self) -> Reply:
        """Return the 429 in Halo's own words; it gives no time to wait (measured)."""
        assert self.limit is not None
        minutes = self.limit.seconds / 60
        window = f"{minutes:g} minute" if minutes >= 1 else f"{self.limit.seconds:g} second"
        return text_reply(
            f"Rate Limit Reached - {self.limit.requests} Requests per rolling {window} window", 429
        )

    def clear(self) -> None:
        """Discard all requests."""
        self._calls.clear()
