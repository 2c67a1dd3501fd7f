"""A sender without sockets, and the resources of the tests' own package over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from halo_async.transport.types import Request, Response
from tests.support.acme_halo.api import Resources

SPELLINGS = [
    ("nextLink",),
    ("NEXTLINK",),
    ("@odata.nextLink",),
    ("next_url",),
    ("nextPageToken",),
    ("continuationToken",),
    ("paging", "next", "after"),
    ("meta", "next"),
    ("links", "next", "href"),
    ("pagination", "next_cursor"),
]
"""Places of the link to the next page, as keys."""


def respond(value: Any, *, status: int = 200, kind: str = "application/json") -> Response:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response(status, {}, body, kind)


class Sender:
    """Responds to every request by a function of its query, and keeps what was asked."""

    def __init__(self, handler: Callable[[dict[str, str]], Any]) -> None:
        self.handler = handler
        self.requests: list[Request] = []
        self.open = self.most_open = 0

    async def send(self, request: Request, decode: Callable[[Response], Any]) -> Any:
        self.requests.append(request)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await asyncio.sleep(0)
            value = self.handler(dict(request.query))
            return decode(value if isinstance(value, Response) else respond(value))
        finally:
            self.open -= 1

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(request.query) for request in self.requests]


def resources(handler: Callable[[dict[str, str]], Any]) -> tuple[Resources, Sender]:
    sender = Sender(handler)
    return Resources(sender), sender


def rows(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [{"id": number, "label": f"parcel {number}"} for number in range(start, start + count)]


async def collect(pages: Any, ids: list[int]) -> None:
    """Read pages into a list that keeps what came before an error."""
    async for row in pages:
        ids.append(row["id"])
