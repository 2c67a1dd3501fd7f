"""The pause of all requests after a 429."""

from __future__ import annotations

from halo_async._utils.backoff import Random
from halo_async._utils.clock import Clock

__all__ = ["LONGEST_GUESS", "THROTTLED_BASE", "SharedPause"]

THROTTLED_BASE = 2.0
LONGEST_GUESS = 60.0


class SharedPause:
    """Time until which no request is sent."""

    __slots__ = ("_asked", "_clock", "_random", "guesses", "until")

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._asked = False
        self.until = float("-inf")
        """In the clock's monotonic seconds."""
        self.guesses = 0
        """Pauses in a row whose length was guessed."""

    @property
    def left(self) -> float:
        """Remaining seconds."""
        return max(0.0, self.until - self._clock.monotonic())

    @property
    def reason(self) -> str:
        """The reason for which all requests pause."""
        if self._asked:
            return "the instance asks for it (429 with Retry-After)"
        return "the instance says that its quota is used up (429)"

    def extend(self, until: float, *, asked: bool) -> bool:
        """Pause until then, and return True, unless the pause lasts as long anyway.

        :param asked: whether the instance said for how long.
        """
        if until <= self.until:
            return False
        self.until, self._asked = until, asked
        return True

    def adopt(self, until: float) -> None:
        """Pause as other processes do, which the instance told."""
        if until > self._clock.monotonic():
            self.extend(until, asked=True)

    def guess(self) -> float:
        """Return the seconds of a pause of which nothing is known, longer each time in a row."""
        self.guesses += 1
        longest = min(LONGEST_GUESS, THROTTLED_BASE * 2.0 ** (self.guesses - 1))
        return longest * (1.0 + self._random()) / 2.0
