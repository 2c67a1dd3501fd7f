"""Duration that a rolling window requires for a number of requests."""

from __future__ import annotations

from collections.abc import Sequence


def seconds_for(
    requests: int, limit: int, window: float, sent: Sequence[float] = (), now: float = 0.0
) -> float:
    """Seconds until the last of so many requests can be sent, if nothing but the window holds them up.

    Of any `limit` + 1 requests in a row the last is sent `window` seconds after the first or later.

    :param limit: requests that the window has room for.
    :param window: seconds.
    :param sent: when earlier ones were sent, the oldest first.
    """
    if requests < 1:
        return 0.0
    windows, place = divmod(requests - 1, limit)
    back = limit - place  # it may follow the request that was sent so many before now
    first = max(0.0, sent[-back] + window - now) if back <= len(sent) else 0.0
    return first + windows * window
