"""What the client costs over the wire: rows per CPU second of a page walk, beside other ways to do it.

    python benchmarks/transport.py [--runs 7] [--pages 60]

A server in another process gives pages of 100 ticket rows with 80 fields. Raw aiohttp parses them
with orjson into dicts; the client logs in, keeps the rolling limit, guards the body and delivers
records. Beside them: raw aiohttp with msgspec, whose integers are exact, which is why the client uses
it; httpx, and the stock generator's client, where they are installed. One request at a time in each,
in turns; the best of all runs counts, in CPU seconds of this process. Exits with 1 where the client
delivers less than 0.90 of raw aiohttp's rows.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from stock_client import Walk, stock_client  # noqa: E402 - found through the line above

MIN_SHARE = 0.90
ROWS = 100


async def raw_aiohttp(url: str, pages: int) -> int:
    """The least that can be done: fetch, parse."""
    import aiohttp
    import orjson

    rows = 0
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as session:
        for page in range(1, pages + 1):
            query = {"pageinate": "true", "page_no": str(page), "page_size": str(ROWS)}
            async with session.get(f"{url}/api/Tickets", params=query) as response:
                for _ in orjson.loads(await response.read())["tickets"]:
                    rows += 1
    return rows


async def raw_msgspec(url: str, pages: int) -> int:
    """The same with the decoder that the client uses, since it keeps every integer exact."""
    import aiohttp
    from msgspec.json import Decoder

    rows, decode = 0, Decoder().decode
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as session:
        for page in range(1, pages + 1):
            query = {"pageinate": "true", "page_no": str(page), "page_size": str(ROWS)}
            async with session.get(f"{url}/api/Tickets", params=query) as response:
                for _ in decode(await response.read())["tickets"]:
                    rows += 1
    return rows


async def raw_httpx(url: str, pages: int) -> int:
    """The same with httpx."""
    import httpx
    import orjson

    rows = 0
    async with httpx.AsyncClient(headers={"Authorization": "Bearer x"}) as session:
        for page in range(1, pages + 1):
            query = {"pageinate": "true", "page_no": str(page), "page_size": str(ROWS)}
            response = await session.get(f"{url}/api/Tickets", params=query)
            for _ in orjson.loads(response.content)["tickets"]:
                rows += 1
    return rows


async def halo_async(url: str, pages: int) -> int:
    """The client, with all that it does."""
    from halo_async import ClientCredentials, Halo, RateLimit

    rows = 0
    async with Halo(url, ClientCredentials("id", "secret"), rate_limit=RateLimit(1_000_000, 300)) as halo:
        async for _ in halo.tickets.list():
            rows += 1
    return rows


def cpu_seconds(walk: Walk, url: str, pages: int) -> float:
    gc.collect()
    began = time.process_time()
    rows = asyncio.run(walk(url, pages))
    took = time.process_time() - began
    if rows != pages * ROWS:
        raise SystemExit(f"{walk.__name__} delivered {rows} of {pages * ROWS} rows")
    return took


# The server --------------------------------------------------------------------------------------


def page_bodies(pages: int) -> list[bytes]:
    from decode import ticket_rows

    rows = json.loads(ticket_rows(ROWS, shuffled=False))
    bodies = []
    for page in range(pages):
        numbered = [row | {"id": page * ROWS + number} for number, row in enumerate(rows, 1)]
        envelope = {"page_no": page + 1, "page_size": ROWS, "record_count": pages * ROWS, "tickets": numbered}
        bodies.append(json.dumps(envelope, separators=(",", ":")).encode())
    return bodies


class Server(asyncio.Protocol):
    """Answers whole requests with ready-made bytes: as little work as possible."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._pages = [_answer(body) for body in bodies]
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
            self._transport.write(self._reply(head.partition(b"\r\n")[0]))

    def _reply(self, line: bytes) -> bytes:
        if b"/authinfo" in line:
            return _answer(b'{"auth_url":"/auth","tenant_id":"acme"}')
        if b"/token" in line:
            return _answer(b'{"access_token":"x","expires_in":3600,"scope":"all"}')
        number = line.partition(b"page_no=")[2].partition(b"&")[0].partition(b" ")[0]
        return (
            self._pages[int(number or 1) - 1] if 0 < int(number or 1) <= len(self._pages) else _answer(b"[]")
        )


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(pages: int) -> None:
    bodies = page_bodies(pages)
    server = await asyncio.get_running_loop().create_server(lambda: Server(bodies), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def compare(url: str, pages: int, runs: int) -> int:
    walks: list[Walk] = [raw_aiohttp, raw_msgspec, halo_async]
    if importlib.util.find_spec("httpx") is not None:
        walks.append(raw_httpx)
    with stock_client(ROWS) as stock:
        return measure(walks if stock is None else [*walks, stock], url, pages, runs)


def measure(walks: list[Walk], url: str, pages: int, runs: int) -> int:
    best = {walk.__name__: min(cpu_seconds(walk, url, pages) for _ in range(1)) for walk in walks}  # warm
    for _ in range(runs):
        for walk in walks:
            best[walk.__name__] = min(best[walk.__name__], cpu_seconds(walk, url, pages))
    for name, seconds in best.items():
        share = best["raw_aiohttp"] / seconds
        print(f"{name:<12} {pages * ROWS / seconds:>10,.0f} rows per CPU second   {share:.2f} of raw aiohttp")
    return 0 if best["raw_aiohttp"] / best["halo_async"] >= MIN_SHARE else 1


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.pages))
        return 0
    command = [sys.executable, __file__, "--serve", "--pages", str(given.pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            return compare(f"http://127.0.0.1:{int(server.stdout.readline())}", given.pages, given.runs)
        finally:
            server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
