"""One login for all processes: its token in Redis, encrypted, and a lock that a dead holder loses within seconds."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from typing import Any, Self, TypeVar

from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import AuthorizationCodeCredentials
from halo_async.auth.redis_store import RedisStore, through
from halo_async.auth.token_locks import LocalLocks, TokenLock
from halo_async.auth.token_stores import StoredToken
from halo_async.coordination.link import RedisAway, RedisLink
from halo_async.coordination.options import Coordination
from halo_async.errors import SettingsError

T = TypeVar("T")

HELD_FOR = 6.0
"""Seconds after which the lock of a process that died during a login is free."""
RETRY = 0.25

logger = logging.getLogger("halo_async.auth")


def check_key(credentials: Any, given: Secret | None) -> None:
    """Check that there is something to encrypt the tokens of a login with that all its processes have.

    :raises SettingsError: the login has no secret of its own, and none was given.
    """
    own = isinstance(credentials, AuthorizationCodeCredentials) and not credentials.client_secret
    if own and given is None:
        raise SettingsError(
            "This login has no secret that its token in Redis could be encrypted with. Set HALO_COORDINATION_KEY, or "
            'choose tokens="none".'
        )


class SharedTokens:
    """A token store in Redis for the processes of one login; see `halo_async.auth.TokenStore`.

    While Redis is away, `"stop"` waits for it, and `"share"` logs in without it.
    """

    def __init__(self, link: RedisLink, options: Coordination, clock: Clock, patience: float) -> None:
        """:raises SettingsError: the package `cryptography` is not installed."""
        self._link = link
        self._options = options
        self._store = RedisStore(None, key=options.key)
        self._clock = clock
        self._patience = patience
        self._local = LocalLocks()

    def store_for(self, secrets: Iterable[Secret | None]) -> Self:
        """Return the store of a login with these secrets, which encrypt its tokens unless a key was given."""
        other = copy(self)
        other._store = self._store.store_for(secrets)
        return other

    async def load(self, key: str) -> StoredToken | None:
        """See `TokenStore.load`."""
        return await self._try_store(lambda store: store.load(key))

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `TokenStore.save`."""
        await self._try_store(lambda store: store.save(key, stored))

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `LockingStore.try_lock`."""
        try:
            return await self._reached(lambda store: store.try_lock(key))
        except RedisAway:
            return await self._local.try_lock(key)

    async def _try_store(self, work: Callable[[RedisStore], Awaitable[T]]) -> T | None:
        try:
            return await self._reached(work)
        except RedisAway:
            return None

    async def _reached(self, work: Callable[[RedisStore], Awaitable[T]]) -> T:
        """Return the result.

        :raises RedisAway: there is none, and this process goes on without Redis.
        :raises CoordinationError: there is none, and it was waited for long enough.
        """
        began, told = self._clock.monotonic(), False
        while True:
            try:
                return await self._link.run(
                    lambda client: work(through(self._store, client, HELD_FOR, self._clock.time))
                )
            except RedisAway as away:
                if self._options.when_unavailable == "share":
                    raise
                if not told:
                    told = True
                    logger.warning(
                        "Redis at %s does not respond (%s); the login waits for it", self._link.place, away
                    )
            self._link.check_waiting(self._clock.monotonic() - began, self._patience)
            await self._clock.sleep(RETRY)
