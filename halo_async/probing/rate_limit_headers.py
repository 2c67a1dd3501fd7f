"""Headers that tell the limit, in the responses of all other questions."""

from __future__ import annotations

from halo_async.probing.question import Question
from halo_async.probing.requests import ProbeRequests

_KINDS = ("limit", "remaining", "reset", "policy", "used")
_NAMES = frozenset(
    {"retry-after"} | {f"{start}-{kind}" for start in ("x-ratelimit", "ratelimit", "x-rate-limit", "rate-limit")
                       for kind in _KINDS}
)  # fmt: skip


class RateLimitHeaders(Question):
    """Look for the usual names; it costs no request."""

    name = "rate_limit_headers"
    usual = []

    async def measure(self, requests: ProbeRequests, subject: str) -> list[str]:
        """See `Question`."""
        return sorted(requests.headers & _NAMES)
