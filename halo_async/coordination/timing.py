"""Durations of the coordination, in seconds; the script has them in microseconds."""

from __future__ import annotations

MARGIN = 0.001
"""Part of the window by which it is longer here: clocks of different machines differ in speed."""
LEASE = 8.0
"""Seconds after which a request in flight counts as sent if its process has not said that it lives."""
BEAT = 2.0
"""Seconds between two questions, at the most, of a process with requests in the window or waiting."""
SETTLE = 3.0
"""Seconds for which nobody is admitted after Redis came back: each process repeats what it sent meanwhile."""
INTEREST = 3.0
"""Seconds for which a process that waits is given its share without asking again."""
RECHECK = 0.1
"""Seconds between questions while slots are free but belong to others."""
JUMP = 5.0
"""Seconds of difference from which a clock counts as set."""
PAUSE = 2.0
"""Minimum pause after a 429 that does not say how long."""
RECOVERY = 0.1
"""Part of a slot regained per undisturbed request after others used up the quota."""


def microseconds(seconds: float) -> int:
    """Return seconds as the script takes them."""
    return round(seconds * 1_000_000)


def script_constants(window: float) -> dict[str, float]:
    """Return what the script is told in each question, for a window of so many seconds."""
    lengths = {
        "window": window,
        "lease": LEASE,
        "longest": max(600.0, 2 * (window + LEASE)),
        "settle": SETTLE,
        "interest": INTEREST,
        "recheck": RECHECK,
        "jump": JUMP,
        "pause": PAUSE,
    }
    return {"recovery": RECOVERY, **{name: microseconds(length) for name, length in lengths.items()}}
