"""One quota for many workers: the rolling window in Redis, kept by the package `limits`."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from halo_async._utils.backoff import Random
from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError
from halo_async.settings import RateLimit

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import MovingWindowRateLimiter

MARGIN = 2
"""Seconds added to the window: a call is noted in Redis a little before the instance counts it."""
SHORTEST_WAIT = 0.05
ANSWERS_WITHIN = 2.0
"""Seconds after which a Redis that says nothing counts as failed: calls wait for it meanwhile."""
UNREACHABLE_FOR = 10.0
"""Seconds for which a Redis that failed is left alone."""

logger = logging.getLogger("halo_async.transport")


class RedisWindow:
    """Asks Redis for a place in the window that all workers of one instance share."""

    def __init__(self, url: Secret, limit: RateLimit, name: str, clock: Clock, random: Random) -> None:
        """:raises SettingsError: the address is none of a Redis server."""
        self._url = redis_address(url)
        self._limit = limit
        self._name = name
        self._clock = clock
        self._random = random
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limiter: MovingWindowRateLimiter | None = None
        self._item: RateLimitItem | None = None
        self._storage: Any = None
        self._ignored_until = float("-inf")

    async def take(self) -> float:
        """Take a place: 0 when there was one, else the seconds after which asking again makes sense.

        With Redis out of reach every place is given: each worker still keeps its own window.

        :raises SettingsError: the packages for it are not installed, or take no such address.
        """
        if self._clock.monotonic() < self._ignored_until:
            return 0.0
        limiter, item = self._here()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                if await limiter.hit(item, self._name):
                    return 0.0
                return self._until((await limiter.get_window_stats(item, self._name)).reset_time)
        except Exception as error:
            self._ignored_until = self._clock.monotonic() + UNREACHABLE_FOR
            logger.warning(
                "the shared quota cannot be asked for (%s): each worker counts alone", type(error).__name__
            )
            return 0.0

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        storage, self._storage, self._limiter = self._storage, None, None
        if storage is not None and self._loop is asyncio.get_running_loop():
            await storage.bridge.storage.aclose()

    def _until(self, reset: float) -> float:
        # Many wait for the same place, so they do not all come back at the same moment.
        wait = reset - self._clock.time() + SHORTEST_WAIT * (1.0 + self._random())
        return min(max(SHORTEST_WAIT, wait), self._limit.seconds + MARGIN)

    def _here(self) -> tuple[MovingWindowRateLimiter, RateLimitItem]:
        """The limiter of the running loop: connections belong to one."""
        loop = asyncio.get_running_loop()
        if self._limiter is None or self._item is None or self._loop is not loop:
            self._loop = loop
            self._storage, self._limiter, self._item = self._connect()
        return self._limiter, self._item

    def _connect(self) -> tuple[Any, MovingWindowRateLimiter, RateLimitItem]:
        try:
            import redis.asyncio  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
            from limits import RateLimitItemPerSecond
            from limits.aio.storage import RedisStorage
            from limits.aio.strategies import MovingWindowRateLimiter
        except ImportError:
            raise SettingsError(
                "a quota in Redis needs two packages: pip install 'halo-async[redis]'"
            ) from None
        storage = self._storage_of(RedisStorage)
        seconds = math.ceil(self._limit.seconds) + MARGIN
        return (
            storage,
            MovingWindowRateLimiter(storage),
            RateLimitItemPerSecond(self._limit.requests, seconds),
        )

    def _storage_of(self, storage: Callable[..., Any]) -> Any:
        try:
            return storage(self._url.reveal(), implementation="redispy", key_prefix="halo-async")
        except Exception as error:
            refused = type(error).__name__  # its words may show the password
        raise SettingsError(f"RateLimit(redis=…) cannot be used ({refused}): write {FORMS}")


# The address of a Redis server, looked at before anything is sent. It may hold a password: nothing shows it.

FORMS = "redis://[:password@]host[:port][/db], rediss://… over TLS, or unix:///path/of/a/socket"
_PORT = 6379


def redis_address(given: Secret) -> Secret:
    """The address in the form that the package `limits` takes.

    :raises SettingsError: it is none; the message has the forms that there are.
    """
    found = _normal(given)
    if found is None:
        raise SettingsError(f"RateLimit(redis=…) is no address of a Redis server: write {FORMS}")
    return found


def _normal(given: Secret) -> Secret | None:
    # Apart from the function that raises: tracebacks show locals.
    try:
        parts = urlsplit(given.reveal().strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if parts.scheme in ("unix", "redis+unix") and parts.path:
        return Secret(parts._replace(scheme="async+redis+unix").geturl())
    if parts.scheme not in ("redis", "rediss") or not host:
        return None
    netloc = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:{_PORT}"
    return Secret(parts._replace(scheme=f"async+{parts.scheme}", netloc=netloc).geturl())
