"""Backoff: pure functions, all values in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

LONGEST_BACKOFF = 20.0
JITTER = 0.1
"""Share of a waiting time that is added at random, so that clients do not all retry at once."""

Random = Callable[[], float]
"""Function returning a number from 0 to 1, such as `random.random`."""


def backoff(retry: int, random: Random, *, base: float = 0.5) -> float:
    """Return the delay with full jitter before retry number `retry` (from 0): up to `base * 2 ** retry`."""
    return random() * min(LONGEST_BACKOFF, base * 2.0 ** min(retry, 16))


def jittered(seconds: float, random: Random) -> float:
    """Return at least `seconds`, at most a tenth more."""
    return seconds * (1.0 + JITTER * random())


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a `Retry-After` header requests; None without a valid one.

    A date is compared with the response's own `Date`, so that a server whose clock is wrong is handled
    correctly; `now` (seconds since 1970) is used without one. A past date is 0.
    """
    text = headers.get("Retry-After")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, headers.get("Date"), now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(date: str, server_now: str | None, now: float) -> float | None:
    due = _timestamp(date)
    if due is None:
        return None
    reference = _timestamp(server_now) if server_now else None
    return max(0.0, due - (now if reference is None else reference))


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return the time by a response's `Date`, in seconds since 1970, whole ones; None without a valid one."""
    text = headers.get("Date")
    return None if text is None else _timestamp(text)


def _timestamp(text: str) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime  # rarely needed, and a slow import

    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
