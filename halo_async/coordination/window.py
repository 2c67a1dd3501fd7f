"""The rolling window that all processes of one instance, tenant and client id share in Redis.

A request has a slot from when it is admitted until the window has passed since its *response*: the server counted it
somewhere in between. Redis is asked when requests want slots, and otherwise every two seconds while there is
something to tell, to extend or to watch over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from secrets import token_hex
from typing import Any

from halo_async._utils.background import complete_in_time, start, stop
from halo_async._utils.clock import Clock
from halo_async.coordination.link import RESPONSE_TIMEOUT, RedisAway, RedisLink
from halo_async.coordination.options import Coordination
from halo_async.coordination.own_slots import OwnSlots
from halo_async.coordination.timing import BEAT, LEASE, MARGIN, RECHECK, microseconds, script_constants
from halo_async.errors import CoordinationError
from halo_async.settings import RateLimit

BATCH = 100
"""Slots asked for at once, at the most."""

logger = logging.getLogger("halo_async.transport")


class SharedWindow:
    """One process's view of the window. Works on one event loop at a time."""

    def __init__(
        self,
        link: RedisLink,
        options: Coordination,
        limit: RateLimit | None,
        name: str,
        clock: Clock,
        patience: float,
    ) -> None:
        """`patience`: seconds for which requests wait for Redis before an error."""
        self._link = link
        self._options = options
        self._limit = limit
        self._clock = clock
        self._patience = patience
        self._keys = [f"halo-async:{{{name}}}:{part}" for part in ("window", "used", "waiting", "state")]
        self._seconds = limit.seconds * (1 + MARGIN) if limit else 1.0
        self._constants = script_constants(self._seconds)
        self._slots = OwnSlots(self._seconds, LEASE, clock)
        self._epoch = ""
        self._seen = (0, 0.0, 0.0)
        """Redis' time in its last response, and ours by both clocks."""
        self._free: int | None = None
        self.expected = 0.0
        """Seconds until the next slot, as far as Redis knows."""
        self.settling = False
        """True if the wait is for others that tell again what they sent."""
        self.active = 1
        """Processes that want slots, this one included."""
        self.paused_until = float("-inf")
        """By our clock, how long a 429 that any process got pauses all."""
        self._throttled: float | None = None
        self._succeeded = 0
        self._queue = 0
        self._repeat = False
        self._away_since: float | None = None
        self._used_at_loss = 0
        self._unrecorded = False
        self._asking: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._beat: asyncio.Task[None] | None = None

    # The limiter's side -------------------------------------------------------------------------

    async def take(self, queue: int) -> float:
        """Take a slot: return 0 on success, else the seconds after which the next attempt makes sense.

        :param queue: requests that wait for a slot, this one included.
        :raises CoordinationError: Redis has been away for too long, or refuses the login.
        """
        self._queue = queue
        if self._at_hand():
            return 0.0
        if self._away_since is None:
            wait = await self._ask_for(min(queue, BATCH))
            if wait is not None:
                return wait
        return self._alone()

    def take_at_once(self) -> bool:
        """Take a slot that is at hand."""
        return self._away_since is None and self._slots.take()

    def _at_hand(self) -> bool:
        if self._limit is None and self._away_since is None and self._is_fresh():
            self._slots.take_unasked()
            return True
        return self.take_at_once()

    def _is_fresh(self) -> bool:
        """Without a limit nothing is counted: it is enough to know of pauses."""
        now = self._clock.monotonic()
        return bool(self._epoch) and now - self._seen[1] < BEAT and now >= self.paused_until

    def end(self, *, counted: bool) -> None:
        """End a request that had a slot."""
        self._slots.end(counted=counted)

    def waits(self, queue: int) -> None:
        """Note how many requests wait."""
        self._queue = queue

    def succeeded(self) -> None:
        """Handle a response other than 429."""
        self._succeeded += 1

    def throttled(self, seconds: float | None) -> None:
        """Tell all of a 429; None: it does not say for how long."""
        self._throttled = max(seconds or 0.0, self._throttled or 0.0)
        self._start_task(self._tell_redis())

    @property
    def remaining(self) -> int | None:
        """Requests that the window had room for when Redis was last asked; None if it never was."""
        return self._free

    # While Redis is away ------------------------------------------------------------------------

    def _alone(self) -> float:
        if self._options.when_unavailable == "stop":
            self._check_patience()
            return RECHECK
        if self._limit is None:
            self._slots.take_unasked()
            return 0.0
        allowed, used = self._allowed(self._limit), self._slots.used
        if used < allowed:
            self._slots.take_unasked()
            self._unrecorded = True
            return 0.0
        return min(BEAT, max(RECHECK, self._slots.leaves_in(used - allowed + 1)))

    def _allowed(self, limit: RateLimit) -> int:
        """Return this process's part; for one window after the loss what it had and its part of what was free."""
        share = max(1, int(limit.requests * self._options.share))
        settled = self._seen[0] == 0 or self._clock.monotonic() - self._seen[1] > self._seconds + LEASE
        if settled:
            return share
        return min(share, self._used_at_loss + int((self._free or 0) * self._options.share))

    def _check_patience(self) -> None:
        if self._away_since is not None:
            self._link.check_waiting(self._clock.monotonic() - self._away_since, self._patience)

    def _report_loss(self, reason: str) -> None:
        if self._away_since is not None:
            return
        self._away_since, self._used_at_loss = self._clock.monotonic(), self._slots.used
        self._begin_beat()
        logger.warning("Redis at %s does not respond (%s); %s", self._link.place, reason, self._consequence())

    def _consequence(self) -> str:
        if self._options.when_unavailable == "stop":
            return "requests wait for it"
        return f"this process continues with {self._options.share:.3g} of the quota"

    # Questions ----------------------------------------------------------------------------------

    async def _ask_for(self, slots: int) -> float | None:
        """Ask for slots: return 0 if one was taken, the seconds to wait, or None if Redis is away."""
        try:
            response = await self._ask_redis(slots)
        except RedisAway as away:
            self._report_loss(str(away))
            return None
        if self._slots.take():
            return 0.0
        self.expected = int(response[1]) / 1e6
        self.settling = response[2] in (b"settling", b"cautious")
        return min(BEAT, max(0.001, self.expected))

    async def _ask_redis(self, want: int = 0, *, leaving: bool = False) -> list[Any]:
        loop = asyncio.get_running_loop()
        if self._asking is None or self._loop is not loop:
            self._asking, self._loop = asyncio.Lock(), loop
        async with self._asking:
            return await self._exchange(want, leaving)

    async def _exchange(self, want: int, leaving: bool) -> list[Any]:
        first = self._slots.numbers(want)
        news = self._slots.news(everything=self._repeat, leaving=leaving)
        throttled, self._throttled = self._throttled, None
        succeeded, self._succeeded = self._succeeded, 0
        question = self._question(want, first, news, throttled, succeeded, leaving)
        try:
            response = await self._link.ask(self._keys, question)
        except BaseException:
            self._repeat = True
            self._throttled, self._succeeded = throttled, self._succeeded + succeeded
            self._slots.unknown(first, want)
            raise
        self._slots.told(news)
        self._slots.granted(first, int(response[0]))
        self._heard(response)
        if not leaving:
            self._begin_beat()
        return response

    def _question(
        self,
        want: int,
        first: int,
        news: dict[str, Any],
        throttled: float | None,
        succeeded: int,
        leaving: bool,
    ) -> dict[str, Any]:
        seen, monotonic, wall = self._seen
        passed = max(self._clock.monotonic() - monotonic, self._clock.time() - wall)
        return {
            "me": self._slots.owner,
            "limit": self._limit.requests if self._limit else 0,
            **self._constants,
            "want": want,
            "queue": 0 if leaving else self._queue,
            "first": first,
            "seen": seen,
            "passed": microseconds(passed),
            "epoch": self._epoch,
            "fresh_epoch": token_hex(8),
            "away": self._unrecorded,
            "again": self._repeat,
            "leaving": leaving,
            "throttled": False if throttled is None else microseconds(throttled),
            "ok": succeeded,
            **(news if self._limit else {"done": [], "held": [], "back": []}),
        }

    def _heard(self, response: list[Any]) -> None:
        now = self._clock.monotonic()
        epoch = response[3].decode()
        self._repeat = bool(self._epoch) and epoch != self._epoch
        self._epoch, self._unrecorded = epoch, False
        self._seen = (int(response[4]), now, self._clock.time())
        self._free = int(response[5]) if self._limit else None
        self.active = int(response[6])
        paused = int(response[7]) / 1e6
        self.paused_until = now + paused if paused else float("-inf")
        if self._away_since is not None:
            self._away_since = None
            logger.info("Redis at %s responds again", self._link.place)

    # In the background --------------------------------------------------------------------------

    def _start_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = start(work, name="halo_async coordination")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _begin_beat(self) -> None:
        loop = asyncio.get_running_loop()
        if self._beat is None or self._beat.done() or self._beat.get_loop() is not loop:
            self._beat = self._start_task(self._keep_telling())

    async def _keep_telling(self) -> None:
        period = min(BEAT, self._seconds / 4)
        while self._slots.busy or self._queue or self._away_since is not None:
            await self._clock.sleep(period)
            if self._slots.untold or self._clock.monotonic() - self._seen[1] > 0.9 * period:
                await self._tell_redis()

    async def _tell_redis(self) -> None:
        try:
            await self._ask_redis()
            if self._repeat:
                await self._ask_redis()
        except RedisAway as away:
            self._report_loss(str(away))
        except CoordinationError as error:
            self._report_loss(str(error))

    async def aclose(self) -> None:
        """Tell what is left to tell, and give back what is at hand."""
        loop = asyncio.get_running_loop()
        await stop(*(task for task in self._tasks if task.get_loop() is loop))
        if self._epoch and self._loop is loop and self._away_since is None:
            with suppress(RedisAway, CoordinationError):
                await complete_in_time(
                    self._ask_redis(leaving=True), partial(asyncio.sleep, RESPONSE_TIMEOUT)
                )
