"""Rate limiter: a rolling window, a fair queue, a shared pause and an adaptive concurrency limit.

A token bucket would violate Halo's rolling window, so the requests themselves are recorded in a deque. A
request occupies a slot from the moment it is admitted, and is timestamped when its *response* is received:
the server counted it somewhere in between, so the window recorded here always covers the server's.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING

from halo_async._utils.backoff import Random
from halo_async._utils.clock import Clock
from halo_async.errors import DeadlineExceededError
from halo_async.settings import RateLimit
from halo_async.transport.foreign_use import ForeignUse
from halo_async.transport.queue_notices import QueueNotices, reason_of_quota
from halo_async.transport.queue_place import RequestQueue
from halo_async.transport.quota_time import seconds_for
from halo_async.transport.shared_pause import THROTTLED_BASE, SharedPause

if TYPE_CHECKING:
    from halo_async.coordination.window import SharedWindow

WIDEST = 100
"""Maximum requests in flight."""
RECOVERY = 0.1
"""Share of a slot regained per undisturbed request after other clients used up the quota."""
SHORTEST_WAIT = 0.01
"""Seconds at least until the estimate of what others use is looked at again."""
SHORTEST_PAUSE = 1.0
"""Minimum pause, even if Retry-After is 0 or a time in the past."""


class Limiter:
    """Queue that admits requests one by one, in order of arrival; retries have priority over new ones.

    Works on one event loop at a time; the recorded window outlives the loop.
    """

    def __init__(
        self, limit: RateLimit | None, clock: Clock, random: Random, window: SharedWindow | None = None
    ) -> None:
        """`window`: one shared with other processes, consulted when this process's own window has room."""
        self._limit = limit
        self._window = window
        self._clock = clock
        self._log: deque[float] = deque()
        self._in_flight = 0
        self._quota = float(limit.requests) if limit else float("inf")
        self._width = float(WIDEST)
        self._shared_pause = SharedPause(clock, random)
        self._notices = QueueNotices(clock)
        self._waiting = RequestQueue()
        self._others: ForeignUse | None = None
        """None as long as the instance did not tell the rest of its quota."""

    @property
    def remaining(self) -> int | None:
        """Requests that the window has room for now; None without a limit."""
        if self._limit is None:
            return None
        return max(0, self._own_room() - math.ceil(self._occupied_by_others(self._clock.monotonic())))

    def _own_room(self) -> int:
        """Return what the own requests leave of the window, those of coordinated processes among them."""
        if self._window is not None and self._window.remaining is not None:
            return self._window.remaining
        self._forget_old(self._clock.monotonic())
        return int(self._quota) - len(self._log) - self._in_flight

    def told_remaining(self, remaining: int) -> None:
        """Handle what a response says of the quota that is left: what is missing was used by others."""
        if self._limit is None:
            return
        if self._others is None:
            self._others = ForeignUse(self._limit.seconds)
        self._others.told(self._own_room() - remaining, self._clock.monotonic())

    def _occupied_by_others(self, now: float) -> float:
        return 0.0 if self._others is None else self._others.slots(now)

    def seconds_for(self, requests: int) -> float:
        """Seconds until so many more calls have had their turn, as far as the window and a pause decide."""
        if self._limit is None or requests < 1:
            return self.pause if requests > 0 else 0.0
        now, quota = self._clock.monotonic(), max(1, int(self._quota))
        if self._window is not None:
            quota = max(1, quota // self._window.active)
        spread = [] if self._others is None else self._others.sent(now)
        sent = sorted([*self._log, *spread, *[now] * self._in_flight])
        return max(self.pause, seconds_for(requests, quota, self._limit.seconds, sent, now))

    async def acquire(self, *, repeat: bool = False, deadline: float | None = None) -> float:
        """Wait for this request's turn and return the seconds waited. Every `acquire` needs a `release`.

        :raises DeadlineExceededError: as soon as it is certain that the turn would be too late.
        """
        if self.try_acquire():
            return 0.0
        began = self._clock.monotonic()
        if deadline is None:
            await self._queue(repeat, None)
        else:
            await self._queue_until(repeat, deadline)
        return self._clock.monotonic() - began

    def try_acquire(self) -> bool:
        """Perform `acquire` for a request that need not wait; return False if it has to."""
        free = not self._waiting.length and self._compute_wait() == 0.0
        free = free and (self._window is None or self._window.take_at_once())
        self._in_flight += free
        return free

    def release(self, *, counted: bool = True) -> None:
        """Release the slot. `counted=False`: the server cannot have seen the request."""
        self._in_flight -= 1
        if self._window is not None:
            self._window.end(counted=counted)
        if counted and self._limit is not None:
            self._log.append(self._clock.monotonic())
        self._waiting.wake_head()

    @property
    def shared(self) -> bool:
        """True if other processes take slots of the same window."""
        return self._window is not None

    async def enter_for_login(self) -> None:
        """Perform `acquire` for a request of the login; alone it does not wait: calls that do may hold all slots."""
        if self.shared:
            await self.acquire(repeat=True)
        else:
            self._in_flight += 1

    def succeeded(self) -> None:
        """Handle a response other than 429: increase the limits a little."""
        if self._window is not None:
            self._window.succeeded()
        self._shared_pause.guesses = 0
        if self._width < WIDEST:
            self._width = min(WIDEST, self._width + 1.0 / self._width)
        if self._limit is not None and self._quota < self._limit.requests:
            self._quota = min(self._limit.requests, self._quota + RECOVERY)

    def throttled(self, asked: float | None) -> bool:
        """Handle a 429: pause all requests. Return whether it started the pause: only one of a burst does.

        `asked` is the value of Retry-After. Without it the oldest request has to leave the window first:
        exact for a limit that only this client uses up, and safe for a shared one.
        """
        now = self._clock.monotonic()
        already_paused = now < self._shared_pause.until
        if self._window is not None:
            self._window.throttled(asked)
        pause = self._until_room(now, already_paused) if asked is None else max(SHORTEST_PAUSE, asked)
        if not self._shared_pause.extend(now + pause, asked=asked is not None):
            return False
        if not already_paused:
            self._narrow(window=asked is None and self._window is None)
        return not already_paused

    @property
    def pause(self) -> float:
        """Remaining seconds of the shared pause."""
        return self._shared_pause.left

    def _until_room(self, now: float, already_paused: bool) -> float:
        if self.shared:
            return THROTTLED_BASE  # Redis says how long: the oldest request may be another process's
        if self._limit is not None:
            self._forget_old(now)
            oldest = self._log[0] if self._log else now
            return max(THROTTLED_BASE, oldest + self._limit.seconds - now)
        return 0.0 if already_paused else self._shared_pause.guess()

    def _narrow(self, *, window: bool) -> None:
        """Halve the concurrency; the window too, unless the server said when to resume."""
        self._width = max(1.0, min(self._width, self._in_flight + 1.0) / 2.0)
        if window and self._limit is not None:
            seen = float(len(self._log) + self._in_flight)
            self._quota = max(1.0, min(self._quota, max(seen, self._quota / 2.0)))

    # The queue --------------------------------------------------------------------------------

    async def _queue_until(self, repeat: bool, deadline: float) -> None:
        left = deadline - self._clock.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                await self._queue(repeat, deadline)
        except TimeoutError:
            raise DeadlineExceededError(
                "The deadline expired before the rate limit allowed the request."
            ) from None

    async def _queue(self, repeat: bool, deadline: float | None) -> None:
        place = self._waiting.join(repeat=repeat)
        try:
            while self._waiting.head is not place or not await self._admitted(deadline):
                await place.wait(self._tell_of_crowd if self._waiting.head is place else None)
            self._in_flight += 1
        finally:
            self._waiting.remove(place, repeat=repeat)
            if self._window is not None:
                self._window.waits(self._waiting.length)
            if not self._waiting.length:
                self._notices.queue_is_empty()
            self._waiting.wake_head()

    async def _admitted(self, deadline: float | None) -> bool:
        """For the head of the queue: sleep until there may be room; False if only a response makes room."""
        window = self._window
        if window is None:
            return await self._has_room(deadline)
        while await self._has_room(deadline):
            wait = await window.take(self._waiting.length)
            if wait == 0.0:
                return await self._with_slot(window, deadline)
            self._shared_pause.adopt(window.paused_until)
            await self._sleep(wait, deadline, expected=max(wait, window.expected))
        return False

    async def _with_slot(self, window: SharedWindow, deadline: float | None) -> bool:
        """Return whether there is still room, after a pause that came while the slot was asked for."""
        admitted = False
        try:
            admitted = await self._has_room(deadline)
        finally:
            if not admitted:
                window.end(counted=False)
        return admitted

    async def _has_room(self, deadline: float | None) -> bool:
        while 0.0 < (wait := self._compute_wait()) < float("inf"):
            await self._sleep(wait, deadline)
        return wait == 0.0

    async def _sleep(self, wait: float, deadline: float | None, *, expected: float | None = None) -> None:
        now = self._clock.monotonic()
        if deadline is not None and now + wait > deadline:
            raise DeadlineExceededError("The deadline would expire before the rate limit allows the request.")
        self._notices.waits(
            wait if expected is None else expected,
            lambda: self._name_reason(now, shared=expected is not None),
        )
        if wait > 0.0:
            await self._clock.sleep(wait)

    def _name_reason(self, now: float, *, shared: bool) -> str:
        if now < self._shared_pause.until:
            return self._shared_pause.reason
        if self._limit is None:
            return "the quota is used up"
        return reason_of_quota(
            max(1, int(self._quota)),
            self._limit.seconds,
            settling=shared and self._window is not None and self._window.settling,
            shared=shared,
            others=self._occupied_by_others(now) >= 1.0,
        )

    def _tell_of_crowd(self) -> None:
        self._notices.crowded(self._in_flight)

    # Waiting times ---------------------------------------------------------------------------

    def _compute_wait(self) -> float:
        """Return the seconds until one more request fits: 0 for now, infinity for "after a response"."""
        now = self._clock.monotonic()
        if now < self._shared_pause.until:
            return self._shared_pause.until - now
        if self._in_flight >= max(1, int(self._width)):
            return float("inf")
        if self._limit is None:
            return 0.0
        self._forget_old(now)
        free = max(1, int(self._quota)) - len(self._log) - self._in_flight
        others = self._occupied_by_others(now)
        over = math.ceil(others) + 1 - free
        if over <= 0:
            return 0.0
        wait = self._log[over - 1] + self._limit.seconds - now if over <= len(self._log) else float("inf")
        if self._others is None or free < 1:
            return wait
        return min(wait, max(SHORTEST_WAIT, self._others.seconds_until(free - 1, now)))

    def _forget_old(self, now: float) -> None:
        assert self._limit is not None
        horizon = now - self._limit.seconds
        while self._log and self._log[0] <= horizon:
            self._log.popleft()
