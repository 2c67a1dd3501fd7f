"""What is asked of an instance once and then known: definitions of custom fields, ids of names.

Kept for each transport, so that all views of a client share it, and gone with it.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

_STORES: WeakKeyDictionary[Any, AsyncCache] = WeakKeyDictionary()


class AsyncCache:
    """Values by key. Those who want one that is being loaded wait for that load."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self._loading: dict[Hashable, asyncio.Future[None]] = {}

    def known(self, key: Hashable) -> Any:
        """A value that is there already, or None."""
        return self._known.get(key)

    async def get(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        """The value of a key; `load` runs once for all who ask meanwhile. What it raises is not kept.

        Who is cancelled takes nobody else's value away: another then loads in his place.
        """
        while key not in self._known:
            loading = self._loading.get(key)
            if loading is None or loading.get_loop() is not asyncio.get_running_loop():
                return await self._load(key, load)
            await asyncio.wait([loading])
            _raise_failure(loading)
        return self._known[key]

    def forget(self) -> None:
        """Begin anew: what is being loaded now is not kept, and who waits for it loads again."""
        self._known, self._loading = {}, {}

    async def _load(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        known, underway = self._known, self._loading
        loading = underway[key] = asyncio.get_running_loop().create_future()
        try:
            value = known[key] = await load()
        except Exception as error:
            loading.set_exception(error)
            loading.exception()  # somebody has seen it: nobody else may be waiting
            raise
        finally:
            if underway.get(key) is loading:
                del underway[key]
            loading.cancel()  # done or given up: whoever waits looks again
        return value


def cache_of(sender: Any) -> AsyncCache:
    """The store of a transport."""
    found = _STORES.get(sender)
    if found is None:
        found = _STORES[sender] = AsyncCache()
    return found


def _raise_failure(loading: asyncio.Future[None]) -> None:
    failure = None if loading.cancelled() else loading.exception()
    if failure is not None:
        raise copy.copy(failure) from failure.__cause__  # each its own: tracebacks grow on a shared one
