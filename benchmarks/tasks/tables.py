"""Reading of all tickets into one Arrow table, by several ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

PAGE = 100


def ready(way: str, url: str, rows: int) -> Callable[[], int]:
    """Import what a way needs, and return the function that reads the rows into a table and returns their number."""
    return WAYS[way](url, rows)


def _halo(url: str, rows: int) -> Callable[[], int]:
    from halo_async import ClientCredentials, Halo

    async def main() -> int:
        async with Halo(url, ClientCredentials("id", "secret"), rate_limit=None) as halo:
            table = await halo.tickets.list(page_size=PAGE).to_arrow()
        return int(table.num_rows)

    import_module("halo_async.tables.table_building")
    return lambda: asyncio.run(main())


def _bare(url: str, rows: int) -> Callable[[], int]:
    import aiohttp
    import orjson

    arrow: Any = import_module("pyarrow")

    async def main() -> int:
        got: list[dict[str, Any]] = []
        async with aiohttp.ClientSession() as session:
            while len(got) < rows:
                query = {"pageinate": "true", "page_size": str(PAGE), "page_no": str(len(got) // PAGE + 1)}
                async with session.get(f"{url}/api/Tickets", params=query) as response:
                    got += orjson.loads(await response.read())["tickets"]
        return int(arrow.Table.from_pylist(got).num_rows)

    return lambda: asyncio.run(main())


WAYS: dict[str, Callable[[str, int], Callable[[], int]]] = {
    "pages.to_arrow()": _halo,
    "orjson.loads, from_pylist": _bare,
}
