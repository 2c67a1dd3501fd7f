"""The least that reading these pages with the client's own libraries takes: a bound, not a client.

aiohttp, zlib-ng and msgspec with slots for fields that are known beforehand, and nothing else: no login, queue,
retries or limits, no look at what came twice, and rows that are neither records nor able to hold a field that was
not foreseen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from benchmarks.rows import names

BUFFER = 2**18
"""Bytes received before aiohttp stops the sender, as the client has it: a plain page in one piece."""
SCALAR = None | bool | int | float | str
Look = Callable[[Any], int]


def walk_of(look: Look) -> Callable[[str, int, int], int]:
    """Return a walk over the pages, so many at a time, that gives `look` the rows of each."""
    import aiohttp
    import msgspec
    from zlib_ng import zlib_ng

    from benchmarks.tasks.walks import in_flight, query
    from halo_async.transport.malloc import keep_freed_memory

    keep_freed_memory()

    row = msgspec.defstruct("Row", [(name, SCALAR) for name in names()], gc=False)
    numbers = [(name, int) for name in ("page_no", "page_size", "record_count")]
    envelope = msgspec.defstruct("Envelope", [*numbers, ("tickets", list[row])])  # type: ignore[valid-type]
    decode = msgspec.json.Decoder(envelope).decode

    async def walk(url: str, pages: int, width: int) -> int:
        headers = {"Authorization": "Bearer x", "Accept-Encoding": "gzip"}
        async with aiohttp.ClientSession(
            headers=headers, auto_decompress=False, read_bufsize=BUFFER
        ) as session:

            async def fetch(page: int) -> int:
                async with session.get(f"{url}/api/Tickets", params=query(page)) as response:
                    body = await response.read()
                    if "Content-Encoding" in response.headers:
                        body = zlib_ng.decompressobj(31).decompress(body)
                    return look(decode(body).tickets)  # type: ignore[attr-defined]

            return await in_flight(fetch, pages, width)

    return lambda *args: asyncio.run(walk(*args))
