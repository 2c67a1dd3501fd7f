"""Statistics of a client; made when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Statistics:
    """Client statistics so far."""

    requests: int
    """HTTP requests to the API, including retries, excluding logins."""
    retries: int
    """Number of retries among them."""
    throttled: int
    """429 responses."""
    waited: float
    """Seconds spent waiting for the quota or before a retry, summed over all calls."""
    remaining: int | None
    """Requests left in the rolling window now; None without a limit. Other workers are not counted."""
    tokens: int
    """Tokens received."""
    decoders: Mapping[str, str]
    """Compressions of responses that are offered to the instance, each with the package that reads it."""
