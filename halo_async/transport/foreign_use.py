"""Requests of others that use the same quota, as far as the instance says how much of it is left.

Responses that tell the rest of the quota do not tell when the others sent. Their requests are taken as spread evenly
over the window that has passed, so that they leave it one by one, the first after the time of two: the next response
corrects the estimate, and an early request would be refused.
"""

from __future__ import annotations

import math

__all__ = ["ForeignUse"]


class ForeignUse:
    """The estimated number of slots that others occupy."""

    __slots__ = ("_seconds", "_told", "_when")

    def __init__(self, seconds: float) -> None:
        """`seconds`: length of the window."""
        self._seconds = seconds
        self._told = 0
        self._when = float("-inf")

    def told(self, slots: int, now: float) -> None:
        """Replace the estimate: so many slots are occupied by others."""
        self._told, self._when = max(0, slots), now

    def slots(self, now: float) -> float:
        """Return how many slots others occupy."""
        left = 1.0 - (now - self._when) / self._seconds
        return min(self._told, self._told * left + 1.0) if left > 0.0 else 0.0

    def seconds_until(self, slots: float, now: float) -> float:
        """Return the seconds until others occupy no more than so many slots."""
        if self.slots(now) <= slots:
            return 0.0
        part = min(1.0, (self._told + 1.0 - slots) / self._told)
        return max(0.0, self._when + part * self._seconds - now)

    def sent(self, now: float) -> list[float]:
        """Return when others sent what occupies slots, the oldest first, as far as it can be estimated."""
        slots = math.ceil(self.slots(now))
        return [now - self._seconds * (slots - at) / (slots + 1) for at in range(slots)]
