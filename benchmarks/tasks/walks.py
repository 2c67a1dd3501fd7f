"""Walks over every page of the tickets, by different clients, with a number of requests in flight."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.tasks.floor import walk_of
from benchmarks.tasks.reading import reader

LEAST = "least: aiohttp + zlib-ng + msgspec slots"
PAGE = 100
Fetch = Callable[[int], Awaitable[int]]


def ready(client: str, url: str, pages: int, width: int) -> Callable[[], int]:
    """Run a whole walk: open, log in if the client does, read, close. Fail if rows are missing."""
    walk = CLIENTS[client]()

    def run() -> int:
        rows = walk(url, pages, width)
        if rows != pages * PAGE:
            raise LookupError(f"{rows} of {pages * PAGE} rows came")
        return rows

    return run


def reading(client: str, url: str, pages: int, read: int) -> Callable[[], int]:
    """Run a whole walk, one request at a time, that reads so many attributes of every row."""
    look = reader(read, keys=client in _DECODERS)

    def looked_at(rows: Any) -> int:
        look(rows)
        return len(rows)

    async def by_page(url: str) -> int:
        async with _client(url) as halo:
            return sum([looked_at(page) async for page in halo.tickets.list().by_page()])

    if client == "halo_async":
        return lambda: asyncio.run(by_page(url))
    walk = walk_of(looked_at) if client == LEAST else _raw(_DECODERS[client](), looked_at)
    return lambda: walk(url, pages, 1)


async def in_flight(fetch: Fetch, pages: int, width: int) -> int:
    """Request every page, `width` at a time, and return the number of rows received."""
    numbers = iter(range(1, pages + 1))

    async def lane() -> int:
        return sum([await fetch(number) for number in numbers])

    if width == 1:
        return await lane()
    return sum(await asyncio.gather(*[lane() for _ in range(width)]))


def query(page: int) -> dict[str, str]:
    """Return the parameters of a page."""
    return {"pageinate": "true", "page_no": str(page), "page_size": str(PAGE)}


def _counted(rows: Any) -> int:
    """Visit every row, as user code would."""
    count = 0
    for _ in rows:
        count += 1
    return count


def _raw(
    decode: Callable[[bytes], Any], look: Callable[[Any], int] = _counted
) -> Callable[[str, int, int], int]:
    import aiohttp

    async def walk(url: str, pages: int, width: int) -> int:
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as session:

            async def fetch(page: int) -> int:
                async with session.get(f"{url}/api/Tickets", params=query(page)) as response:
                    return look(decode(await response.read())["tickets"])

            return await in_flight(fetch, pages, width)

    return lambda *args: asyncio.run(walk(*args))


def _orjson() -> Callable[[bytes], Any]:
    import orjson

    return orjson.loads


def _msgspec() -> Callable[[bytes], Any]:
    import msgspec

    return msgspec.json.Decoder().decode


_DECODERS = {"raw aiohttp + orjson": _orjson, "raw aiohttp + msgspec": _msgspec}


def raw_orjson() -> Callable[[str, int, int], int]:
    """Return the lower bound: fetch and parse."""
    return _raw(_orjson())


def raw_msgspec() -> Callable[[str, int, int], int]:
    """Return the same with the client's decoder, which keeps every integer exact."""
    return _raw(_msgspec())


def least() -> Callable[[str, int, int], int]:
    """Return what the client's own libraries take for that, with fields that are known beforehand."""
    return walk_of(_counted)


def httpx_orjson() -> Callable[[str, int, int], int]:
    """Return the same with httpx."""
    import httpx
    import orjson

    async def walk(url: str, pages: int, width: int) -> int:
        async with httpx.AsyncClient(headers={"Authorization": "Bearer x"}) as session:

            async def fetch(page: int) -> int:
                response = await session.get(f"{url}/api/Tickets", params=query(page))
                return _counted(orjson.loads(response.content)["tickets"])

            return await in_flight(fetch, pages, width)

    return lambda *args: asyncio.run(walk(*args))


def _client(url: str) -> Any:
    from halo_async import ClientCredentials, Halo, RateLimit

    return Halo(url, ClientCredentials("id", "secret"), rate_limit=RateLimit(1_000_000, 300))


def halo_async() -> Callable[[str, int, int], int]:
    """Return the client with all its features: login, window, guards, records."""

    async def walk(url: str, pages: int, width: int) -> int:
        rows = 0
        async with _client(url) as halo:
            async for _ in halo.tickets.list().prefetch(width - 1):  # in addition to the page that is awaited
                rows += 1
        return rows

    return lambda *args: asyncio.run(walk(*args))


def stock() -> Callable[[str, int, int], int]:
    """Return the stock generator's client."""
    client: Any = importlib.import_module("stock.client").AuthenticatedClient
    tickets: Any = importlib.import_module("stock.api.faults.tickets_list")

    async def walk(url: str, pages: int, width: int) -> int:
        async with client(base_url=f"{url}/api", token="x") as session:

            async def fetch(page: int) -> int:
                return _counted((await tickets.asyncio(client=session, **query(page))).tickets)

            return await in_flight(fetch, pages, width)

    return lambda *args: asyncio.run(walk(*args))


def haloitsm() -> Callable[[str, int, int], int]:
    """Return haloitsm-python, which blocks: one thread per request in flight."""
    client: Any = importlib.import_module("halo").HaloClient

    def walk(url: str, pages: int, width: int) -> int:
        halo = client(url, client_id="id", client_secret="secret")

        def fetch(page: int) -> int:
            return _counted(halo.tickets.list(page_size=PAGE, page_no=page))

        if width == 1:
            return sum(map(fetch, range(1, pages + 1)))
        with ThreadPoolExecutor(width) as threads:
            return sum(threads.map(fetch, range(1, pages + 1)))

    return walk


CLIENTS: dict[str, Callable[[], Callable[[str, int, int], int]]] = {
    "halo_async": halo_async,
    "raw aiohttp + orjson": raw_orjson,
    "raw aiohttp + msgspec": raw_msgspec,
    LEAST: least,
    "httpx + orjson": httpx_orjson,
    "stock generator's client": stock,
    "haloitsm-python": haloitsm,
}


def on_emulator(client: str, url: str, client_id: str, secret: str, pages: int) -> Callable[[], int]:
    """Run a walk over the emulator, page by page, with login, which the stock generator cannot do."""

    def blocking() -> int:
        halo: Any = importlib.import_module("halo").HaloClient(url, client_id=client_id, client_secret=secret)
        return sum(len(halo.tickets.list(page_size=PAGE, page_no=page)) for page in range(1, pages + 1))

    async def awaiting() -> int:
        from halo_async import ClientCredentials, Halo

        async with Halo(url, ClientCredentials(client_id, secret), rate_limit=None) as halo:
            return len(await halo.tickets.list().all())

    return blocking if client == "haloitsm-python" else lambda: asyncio.run(awaiting())
