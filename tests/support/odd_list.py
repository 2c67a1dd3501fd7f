"""A list whose rows are whatever a test wants: the emulator's have proper ids and shapes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
from aiohttp import web

from halo_async import ClientCredentials, Halo


@attrs.define
class OddList:
    """`/Tickets` of an instance: pages of `cap` rows, sorted and filtered by id where the rows can be."""

    rows: list[Any]
    cap: int = 100
    bare_from: int | None = None
    """From this request on responses are arrays."""
    sorts: bool = True
    raw: dict[str, str] = attrs.field(factory=dict)
    """JSON that no encoder writes, by the text that stands for it in the rows."""
    asked: list[dict[str, str]] = attrs.field(factory=list)

    def respond(self, query: dict[str, str]) -> Any:
        self.asked.append(query)
        rows = [row for row in self.rows if self._wanted(row, query)]
        if self.sorts and query.get("order") == "id":
            rows.sort(key=_by_id, reverse=query.get("orderdesc") == "true")
        size, number = min(self.cap, int(query.get("page_size", 50))), int(query.get("page_no", 1))
        page = rows[(number - 1) * size : number * size]
        if self.bare_from is not None and len(self.asked) >= self.bare_from:
            return page
        return {"record_count": len(rows) if page else 0, "tickets": page}

    def _wanted(self, row: Any, query: dict[str, str]) -> bool:
        tests = json.loads(query.get("advanced_search", "[]")) if self.sorts else []
        id = row.get("id") if isinstance(row, dict) else None
        return all(
            isinstance(id, int)
            and (
                id > int(test["filter_value"])
                if test["filter_type"] == 7
                else id <= int(test["filter_value"])
            )
            for test in tests
        )

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Halo]:
        """A client of the instance."""

        async def tickets(request: web.Request) -> web.Response:
            body = json.dumps(self.respond(dict(request.query)))
            for text, raw in self.raw.items():
                body = body.replace(json.dumps(text), raw)
            return web.Response(text=body, content_type="application/json")

        async def clients(request: web.Request) -> web.Response:
            return web.json_response({"record_count": 1, "clients": [{"id": 1}]})

        async def info(request: web.Request) -> web.Response:
            return web.json_response({"auth_url": f"http://{request.host}/auth"})

        async def token(request: web.Request) -> web.Response:
            return web.json_response({"access_token": "x", "expires_in": 3600, "scope": "all"})

        app = web.Application()
        app.add_routes([web.get("/api/Tickets", tickets), web.get("/api/authinfo", info)])
        app.add_routes([web.get("/api/Client", clients)])
        app.add_routes([web.post("/auth/token", token)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with Halo(address, ClientCredentials("id", "secret"), rate_limit=None) as halo:
                yield halo
        finally:
            await runner.cleanup()


def _by_id(row: Any) -> tuple[bool, Any]:
    id = row.get("id") if isinstance(row, dict) else None
    return (isinstance(id, int), id if isinstance(id, int) else 0)
