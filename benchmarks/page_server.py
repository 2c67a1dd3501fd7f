"""An instance that serves pages of tickets with minimal work, so that the client is what is measured.

    python -m benchmarks.page_server ROWS [plain] [wide]

It prints its port. Pages are compressed with gzip for a client that accepts it, unless it is `plain`, and
stored so: the first walk waits for the compression. It supports page numbers, `order`, and the id filters of
`advanced_search`; a page has at most 100 rows of 80 fields, or with `wide`
5,000 of 150. `/_set?latency=0.02` delays every later response by so many
seconds; `/_asked` returns the pages requested since its last call, as a JSON list of queries.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qs

from benchmarks.core.parent import end_with_parent
from benchmarks.rows import FIELDS, encoded, ticket_rows

PAGE = 100
WIDE_PAGE, WIDE_FIELDS = 5_000, 150
_LEVEL = 4
"""Of web servers' dynamic compression, as an order of magnitude: a sixth of the bytes."""
_STORED = 4500
"""Compressed pages, 40 kB each: more than four readers request of 1,000 pages in ways of their own, so that every turn
but a reader's first finds them all."""
_ABOVE = 7
"""Filter type of advanced_search for ids above a value."""


class Tickets:
    """The rows, built from a few templates on demand."""

    def __init__(self, count: int, *, wide: bool) -> None:
        self._count = count
        self._most = WIDE_PAGE if wide else PAGE
        rows = ticket_rows(97, fields=WIDE_FIELDS if wide else FIELDS)
        self._made = [encoded([row])[len(b'[{"id":1') : -1] for row in _with_id_first(rows)]

    def page(self, query: Mapping[str, Sequence[str]]) -> bytes:
        """Return the body of a response."""
        first, last = self._between(query)
        size = min(self._most, int(query.get("page_size", ["50"])[0]))
        start = (int(query.get("page_no", ["1"])[0]) - 1) * size
        total = max(0, last - first + 1)
        ids: Sequence[int] = range(first, last + 1)
        if query.get("orderdesc") == ["true"]:
            ids = ids[::-1]
        return self._body(ids[start : start + size], total)

    def _between(self, query: Mapping[str, Sequence[str]]) -> tuple[int, int]:
        first, last = 1, self._count
        for test in json.loads(query.get("advanced_search", ["[]"])[0]):
            value = int(test["filter_value"])
            if test["filter_type"] == _ABOVE:
                first = max(first, value + 1)
            else:
                last = min(last, value)
        return first, last

    def _body(self, ids: Sequence[int], total: int) -> bytes:
        made = self._made
        rows = b",".join([b'{"id":%d%b' % (id, made[id % len(made)]) for id in ids])
        return b'{"page_no":1,"page_size":%d,"record_count":%d,"tickets":[%b]}' % (self._most, total, rows)


def _with_id_first(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"id": 1, **{name: row[name] for name in row if name != "id"}} for row in rows]


class Instance:
    """State that all connections share."""

    def __init__(self, rows: int, *, plain: bool, wide: bool) -> None:
        self.latency = 0.0
        self.plain = plain
        self._tickets = Tickets(rows, wide=wide)
        self._asked: list[str] = []

    def body_of(self, target: str, *, packed: bool) -> bytes:
        """Return the body for a path with its query, compressed if it is a page and may be."""
        path, _, query = target.partition("?")
        if path == "/api/Tickets":
            self._asked.append(query)
            return _packed(self._tickets, query) if packed else self._tickets.page(parse_qs(query))
        asked = parse_qs(query)
        if path == "/_set":
            self.latency = float(asked["latency"][0])
        if path == "/_asked":
            asked_for, self._asked = self._asked, []
            return json.dumps(asked_for).encode()
        if path.endswith("/token"):
            return b'{"access_token":"x","expires_in":3600,"scope":"all"}'
        return b'{"auth_url":"/auth","tenant_id":"acme"}'


@lru_cache(_STORED)
def _packed(tickets: Tickets, query: str) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(tickets.page(parse_qs(query))) + packer.flush()


class Connection(asyncio.Protocol):
    """Responds to whole requests; one after the other, as HTTP/1.1 clients send them."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if found and len(rest) >= int(length or 0):
            self._received = b""
            accepts = b"gzip" in head.lower().partition(b"accept-encoding: ")[2].partition(b"\r\n")[0]
            self._reply(head.split(b" ", 2)[1].decode(), packed=accepts and not self._instance.plain)

    def _reply(self, target: str, *, packed: bool) -> None:
        own, packed = target.startswith("/_"), packed and target.startswith("/api/Tickets")
        body = self._instance.body_of(target, packed=packed)
        encoding = b"Content-Encoding: gzip\r\n" if packed else b""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n%bContent-Length: %d\r\n\r\n"
        response = head % (encoding, len(body)) + body
        if self._instance.latency and not own:
            asyncio.get_running_loop().call_later(self._instance.latency, self._transport.write, response)
        else:
            self._transport.write(response)


async def serve(rows: int, *, plain: bool, wide: bool) -> None:
    """Serve until stopped."""
    instance = Instance(rows, plain=plain, wide=wide)
    made = asyncio.get_running_loop().create_server(lambda: Connection(instance), "127.0.0.1", 0)
    server = await made
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(serve(int(sys.argv[1]), plain="plain" in sys.argv[2:], wide="wide" in sys.argv[2:]))
