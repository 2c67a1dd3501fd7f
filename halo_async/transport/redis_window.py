"""One quota for many workers: the rolling window in Redis, managed by the package `limits`."""

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
"""Seconds added to the window: a request is recorded in Redis a little before the instance counts it."""
SHORTEST_WAIT = 0.05
ANSWERS_WITHIN = 2.0
"""Timeout in seconds after which an unresponsive Redis counts as failed: requests wait for it meanwhile."""
UNREACHABLE_FOR = 10.0
"""Seconds for which a failed Redis is not contacted."""

logger = logging.getLogger("halo_async.transport")


class RedisWindow:
    """Redis client that takes slots in the window shared by all workers of one instance."""

    def __init__(self, url: Secret, limit: RateLimit, name: str, clock: Clock, random: Random) -> None:
        """:raises SettingsError: the URL is not one of a Redis server."""
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
        """Take a slot: return 0 on success, else the seconds after which the next attempt makes sense.

        While Redis is unreachable every slot is granted: each worker still has its own window.

        :raises SettingsError: the required packages are not installed, or do not accept the URL.
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
                "the shared quota cannot be read (%s); each worker counts alone", type(error).__name__
            )
            return 0.0

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        storage, self._storage, self._limiter = self._storage, None, None
        if storage is not None and self._loop is asyncio.get_running_loop():
            await storage.bridge.storage.aclose()

    def _until(self, reset: float) -> float:
        # Many wait for the same slot, so they do not all retry at the same moment.
        wait = reset - self._clock.time() + SHORTEST_WAIT * (1.0 + self._random())
        return min(max(SHORTEST_WAIT, wait), self._limit.seconds + MARGIN)

    def _here(self) -> tuple[MovingWindowRateLimiter, RateLimitItem]:
        """Return the limiter of the running loop: connections are bound to a loop."""
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
                "A quota in Redis requires two packages. Run pip install 'halo-async[redis]'."
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
            refused = type(error).__name__  # its message may contain the password
        raise SettingsError(f"RateLimit(redis=…) cannot be used ({refused}). Use {FORMS}.")


# The address of a Redis server, looked at before anything is sent. It may hold a password: nothing shows it.

FORMS = "redis://[:password@]host[:port][/db], rediss://… over TLS, or unix:///path/of/a/socket"
_PORT = 6379


def redis_address(given: Secret) -> Secret:
    """Return the URL in the form that the package `limits` accepts.

    :raises SettingsError: it is not valid; the message lists the valid forms.
    """
    found = _normal(given)
    if found is None:
        raise SettingsError(f"RateLimit(redis=…) is not the address of a Redis server. Use {FORMS}.")
    return found


def _normal(given: Secret) -> Secret | None:
    # Separate from the function that raises: tracebacks show locals.
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
