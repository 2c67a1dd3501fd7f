"""Deduplication of events, in bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from halo_async.webhooks.event import Event

Key = tuple[str, bytes]


class Deduplicator:
    """Deduplicator that handles a repeated event once; it remembers the latest `size` events.

    An event is identified by its id and everything in it. One without an id is always handled, since two of
    them may be equal.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._done: OrderedDict[Key, None] = OrderedDict()
        self._running: dict[Key, asyncio.Event] = {}

    async def run(self, event: Event, handle: Callable[[Event], Awaitable[None]]) -> None:
        """Handle an event, unless it was handled before. One that fails counts as not handled."""
        key = _build_key(event) if self._size else None
        if key is None:
            await handle(event)
            return
        # A repeat that arrives meanwhile waits: if the first one fails, the repeat is handled.
        while key in self._running:
            await self._running[key].wait()
        if key in self._done:
            return
        await self._first(key, event, handle)

    async def _first(self, key: Key, event: Event, handle: Callable[[Event], Awaitable[None]]) -> None:
        over = self._running[key] = asyncio.Event()
        try:
            await handle(event)
            self._keep_key(key)
        finally:
            del self._running[key]
            over.set()

    def _keep_key(self, key: Key) -> None:
        self._done[key] = None
        while len(self._done) > self._size:
            self._done.popitem(last=False)


def _build_key(event: Event) -> Key | None:
    if event.id is None:
        return None
    try:
        text = json.dumps(event.raw, sort_keys=True, default=str)
    except RecursionError:
        return None
    return event.id, hashlib.blake2b(text.encode(), digest_size=16).digest()
