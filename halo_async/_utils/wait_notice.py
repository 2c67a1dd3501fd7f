"""Waits that a person notices: each is logged once, with how long it lasts, when it ends and why.

The logger is `halo_async.waits`, the level INFO. Nothing logged here holds a secret or a query.
"""

from __future__ import annotations

import logging
import time

from halo_async._utils.clock import Clock

NOTICED = 2.0
"""Seconds up to which a wait is not worth a word."""
_DAY = 43_200.0
"""Seconds from which on the time of day alone would not tell which day is meant."""

logger = logging.getLogger("halo_async.waits")


def notice(clock: Clock, seconds: float, reason: str) -> None:
    """Log a wait that begins now, if it is long enough."""
    if seconds > NOTICED:
        logger.info(
            "waiting %s, until %s: %s",
            duration(seconds),
            ends_at(clock, seconds),
            reason,
            extra={"seconds": seconds, "reason": reason},
        )


def notice_open_end(reason: str) -> None:
    """Log a wait that has lasted for `NOTICED` seconds and ends with something else, which `reason` names."""
    logger.info("waiting: %s", reason, extra={"seconds": None, "reason": reason})


async def wait(clock: Clock, seconds: float, reason: str) -> None:
    """Sleep, and say so."""
    notice(clock, seconds, reason)
    await clock.sleep(seconds)


def ends_at(clock: Clock, seconds: float) -> str:
    """The time of day, by the zone of this machine, when so many seconds will have passed."""
    form = "%H:%M:%S" if seconds < _DAY else "%Y-%m-%d %H:%M:%S"
    return time.strftime(form, time.localtime(clock.time() + seconds))


def duration(seconds: float) -> str:
    """Seconds for people: `45 s`, `2 min 5 s`, `12 min`, `3 h 20 min`."""
    count = round(seconds)
    if count < 90:
        return f"{count} s"
    if count < 600:
        minutes, rest = divmod(count, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
