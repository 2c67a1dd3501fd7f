"""Locks beside the tokens: of all that share a login, one refreshes it and the others use the new token."""

from __future__ import annotations

import asyncio
import secrets
import threading
from contextlib import suppress
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from halo_async._utils.background import complete, start, stop
from halo_async._utils.tracebacks import strip_traceback

HELD_FOR = 30.0
"""Seconds after which a lock in Redis expires if its holder died; a living holder extends it."""

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_PROLONG = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"


class TokenLock(Protocol):
    """A lock that is held."""

    async def release(self) -> None:
        """Release the lock."""
        ...


class LocalLocks:
    """Locks by key for the clients of one process, also across event loops."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._guard = threading.Lock()

    async def try_lock(self, key: str) -> TokenLock | None:
        """Return the lock of a key; None while another holder has it."""
        with self._guard:
            if key in self._held:
                return None
            self._held.add(key)
        return _LocalLock(self._held, key)


class _LocalLock:
    def __init__(self, held: set[str], key: str) -> None:
        self._held = held
        self._key: str | None = key

    async def release(self) -> None:
        """See `TokenLock.release`."""
        self._let_go()

    def _let_go(self) -> None:
        key, self._key = self._key, None
        if key is not None:
            self._held.discard(key)

    def __del__(self) -> None:
        self._let_go()  # its event loop was closed during a login


_LOCKS: WeakKeyDictionary[Any, LocalLocks] = WeakKeyDictionary()
_MAKING = threading.Lock()


def local_locks(store: object) -> LocalLocks:
    """Return process-wide locks for a store that has none of its own."""
    with _MAKING, suppress(TypeError):  # a store without weak references cannot be recognised as shared
        return _LOCKS.setdefault(store, LocalLocks())
    return LocalLocks()


class RedisLock:
    """A lock in Redis that its holder extends while it is alive."""

    def __init__(self, client: Any, name: str, held_for: float) -> None:
        self._client = client
        self._name = name
        self._held_for = held_for
        self._mark = secrets.token_hex(16)
        self._prolonging: asyncio.Task[None] | None = None

    @classmethod
    async def take(cls, client: Any, name: str, held_for: float = HELD_FOR) -> RedisLock | None:
        """Return the lock; None while another holder has it."""
        taken = cls(client, name, held_for)
        try:
            if not await client.set(name, taken._mark, nx=True, px=round(held_for * 1000)):
                return None
        except asyncio.CancelledError:
            await complete(taken._give_back())  # it may be held
            raise
        taken._prolonging = start(taken._prolong(), name="halo_async token lock")
        return taken

    async def release(self) -> None:
        """See `TokenLock.release`. If Redis cannot be reached, the lock expires."""
        task, self._prolonging = self._prolonging, None
        if task is not None:
            await complete(self._give_back(task))

    async def _give_back(self, prolonging: asyncio.Task[None] | None = None) -> None:
        if prolonging is not None:
            await stop(prolonging)
        with suppress(Exception):
            await self._client.eval(_RELEASE, 1, self._name, self._mark)

    async def _prolong(self) -> None:
        while True:
            await asyncio.sleep(self._held_for / 3)
            try:
                await self._client.eval(_PROLONG, 1, self._name, self._mark, round(self._held_for * 1000))
            except Exception as error:
                strip_traceback(error)  # the next turn retries, while the lock lasts
