"""Token store in Redis, in which tokens are encrypted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Self

from halo_async._utils.secret import Secret
from halo_async.auth.token_encryption import TokenCipher
from halo_async.auth.token_locks import HELD_FOR, RedisLock, TokenLock
from halo_async.auth.token_stores import StoredToken, deserialize, hushed, serialize
from halo_async.auth.unreadable_logins import UnreadableLogins

PREFIX = "halo-async:token:"


class RedisStore:
    """Token store in Redis, for processes that share a login. The `redis.asyncio` client is left open.

    Tokens are encrypted with the secrets of the login, which every process has, or with `key`.

    :param client: a `redis.asyncio` client.
    :param prefix: prefix of the keys in Redis.
    :param key: encrypts the tokens in place of the login's secrets.
    :raises SettingsError: the package `cryptography` is not installed.
    """

    def __init__(self, client: Any, prefix: str = PREFIX, *, key: str | Secret | None = None) -> None:
        self._client = client
        self._prefix = prefix
        self._key = Secret(key) if key else None
        self._cipher = TokenCipher([self._key] if self._key else [])
        self._held_for = HELD_FOR
        self._unreadable = UnreadableLogins()
        self._time: Callable[[], float] = time.time

    def store_for(self, secrets: Iterable[Secret | None]) -> Self:
        """Return the store of a login with these secrets, which encrypt its tokens unless a key was given.

        :param secrets: those of the login; None for one that it does not have.
        """
        other = copy(self)
        if self._key is None:
            other._cipher = TokenCipher([secret for secret in secrets if secret])
        return other

    async def load(self, key: str) -> StoredToken | None:
        """See `TokenStore.load`."""
        stored = await hushed(self._client.get(self._prefix + key))
        text = await self._cipher.decrypt(stored, key) if isinstance(stored, bytes) else None
        found = deserialize(text, key) if text else None
        if stored is not None and found is None:
            self._unreadable.note(f"Redis, {self._prefix}{key}")
        return found

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `TokenStore.save`. A token that can be requested again leaves Redis when it has expired.

        :raises SettingsError: the login has no secret, and no key was given.
        """
        text = await self._cipher.encrypt(serialize(stored, key), key)
        left = max(1.0, stored.expires - self._time())
        lifetime = None if stored.refresh_token else round(left * 1000)
        await hushed(self._client.set(self._prefix + key, text, px=lifetime))

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `LockingStore.try_lock`. A lock whose holder died expires after 30 s."""
        return await hushed(RedisLock.take(self._client, f"{self._prefix}lock:{key}", self._held_for))


def through(store: RedisStore, client: Any, held_for: float, clock: Callable[[], float]) -> RedisStore:
    """Return the same store with another client, lease of locks, and clock."""
    other = copy(store)
    other._client, other._held_for, other._time = client, held_for, clock
    return other
