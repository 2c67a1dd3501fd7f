"""What a client has done so far. A module of its own, since few ask and every class costs time to load."""

from __future__ import annotations

from attrs import frozen


@frozen
class Statistics:
    """What a client has done so far."""

    requests: int
    """HTTP requests of the API, repeats included, logins not."""
    retries: int
    """How many of them were repeats."""
    throttled: int
    """Answers of 429."""
    waited: float
    """Seconds spent waiting for the quota or before a repeat, added up over all calls."""
    remaining: int | None
    """Calls left in the rolling window right now; None without a limit. Calls of other workers do not count."""
    tokens: int
    """Tokens received."""
