"""Cache of data requested once per instance: definitions of custom fields, ids of names.

Stored per transport, so that all views of a client share it, and released with it.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from halo_async._utils.background import running_loop, wait

_STORES: WeakKeyDictionary[Any, AsyncCache] = WeakKeyDictionary()


class AsyncCache:
    """Values by key. Concurrent requests for a key share one load."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self._loading: dict[Hashable, asyncio.Future[None]] = {}

    def known(self, key: Hashable) -> Any:
        """Return a cached value, or None."""
        return self._known.get(key)

    async def get(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        """Return the value of a key; `load` runs once for all concurrent callers. Errors are not cached.

        A cancelled caller does not affect the others: another one then loads in its place.
        """
        while key not in self._known:
            loading = self._loading.get(key)
            if loading is None or loading.get_loop() is not asyncio.get_running_loop():
                return await self._load_value(key, load)
            await wait(loading)
            _raise_failure(loading)
        return self._known[key]

    def clear(self) -> None:
        """Clear the cache: loads in progress are not stored, and callers waiting for them load again."""
        self._known, self._loading = {}, {}

    async def _load_value(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        known, underway = self._known, self._loading
        loading = underway[key] = running_loop().create_future()
        try:
            value = known[key] = await load()
        except Exception as error:
            loading.set_exception(error)
            loading.exception()  # mark it as retrieved: no task may be waiting
            raise
        finally:
            if underway.get(key) is loading:
                del underway[key]
            loading.cancel()  # done or abandoned: waiters check again
        return value


def cache_of(sender: Any) -> AsyncCache:
    """Return the cache of a transport."""
    found = _STORES.get(sender)
    if found is None:
        found = _STORES[sender] = AsyncCache()
    return found


def _raise_failure(loading: asyncio.Future[None]) -> None:
    failure = None if loading.cancelled() else loading.exception()
    if failure is not None:
        raise copy.copy(failure) from failure.__cause__  # one copy each: tracebacks grow on a shared one
