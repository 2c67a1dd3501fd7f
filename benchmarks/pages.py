"""What `.prefetch(4)` holds and how much faster it reads.

    python benchmarks/pages.py [--rows 100000] [--pages 80]

A server in another process gives pages of 100 ticket rows with 80 fields. One walk over all rows, without latency,
shows the memory: the most that this process held, over what it held when logged in. Two walks over fewer
pages, with 50 ms of latency an answer, show the speed. Exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

DEPTH = 4
LATENCY = 0.050
LENGTH = 100
MAX_MB = 60
MIN_SPEEDUP = 3.5
_PLACE = -987654321


async def walk(url: str, depth: int) -> tuple[int, float, float]:
    """Read every ticket: how many rows came, in how many seconds, and what was held at most, in MB over the start."""
    from halo_async import ClientCredentials, Halo

    async with Halo(url, ClientCredentials("id", "secret"), rate_limit=None) as halo:
        await halo.tickets.list().first()
        before, began, rows = held_mb(), time.perf_counter(), 0
        async for _ in halo.tickets.list().prefetch(depth):
            rows += 1
        took = time.perf_counter() - began
        return rows, took, most_mb() - before


def held_mb() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def most_mb() -> float:
    """What it held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(url: str, depth: int) -> tuple[int, float, float]:
    """One walk in a process of its own, so that no other has left memory behind."""
    command = [sys.executable, __file__, "--walk", url, "--depth", str(depth)]
    rows, took, held = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return rows, took, held


# The server --------------------------------------------------------------------------------------


class Server(asyncio.Protocol):
    """Answers whole requests after a while, with as little work as possible."""

    def __init__(self, rows: int, latency: float, parts: list[bytes]) -> None:
        self._rows, self._latency, self._parts = rows, latency, parts
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
            line = head.partition(b"\r\n")[0]
            asyncio.get_running_loop().call_later(self._latency, self._answer, line)

    def _answer(self, line: bytes) -> None:
        if b"/authinfo" in line:
            body = b'{"auth_url":"/auth","tenant_id":"acme"}'
        elif b"/token" in line:
            body = b'{"access_token":"x","expires_in":3600,"scope":"all"}'
        else:
            body = self._page(_number(line, b"page_no"), min(LENGTH, _number(line, b"page_size")))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)

    def _page(self, number: int, length: int) -> bytes:
        first = (number - 1) * length
        rows = [b"%d".join(self._parts) % (first + n) for n in range(1, min(length, self._rows - first) + 1)]
        return b'{"record_count":%d,"tickets":[%s]}' % (self._rows, b",".join(rows))


def _number(line: bytes, name: bytes) -> int:
    return int(line.partition(name + b"=")[2].partition(b"&")[0].partition(b" ")[0] or 1)


async def serve(rows: int, latency: float) -> None:
    """Serve so many tickets on a port that is printed."""
    from decode import ticket_rows

    row = json.loads(ticket_rows(1, shuffled=False))[0] | {"id": _PLACE}
    text = json.dumps(row, separators=(",", ":")).encode().replace(b"%", b"%%")
    parts = text.split(b"%d" % _PLACE)
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(rows, latency, parts), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def against(rows: int, latency: float, depths: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """The walks of these depths against a server of their own."""
    command = [sys.executable, __file__, "--serve", str(rows), "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            found = [measured(url, depth) for depth in depths]
        finally:
            server.terminate()
    if any(came != rows for came, _, _ in found):
        raise SystemExit(f"{[came for came, _, _ in found]} instead of {rows} rows came")
    return found


def compare(rows: int, pages: int) -> int:
    """Measure, print and judge."""
    ((_, took, held),) = against(rows, 0.0, (DEPTH,))
    print(
        f"{rows:,} rows with .prefetch({DEPTH}): {held:.1f} MB over the start (at most {MAX_MB}), {took:.1f} s"
    )
    (_, one, _), (_, ahead, _) = against(pages * LENGTH, LATENCY, (0, DEPTH))
    print(
        f"{pages} pages with {LATENCY * 1000:.0f} ms of latency: one at a time {one:.2f} s, .prefetch({DEPTH}) "
        f"{ahead:.2f} s: {one / ahead:.2f} times as fast (at least {MIN_SPEEDUP})"
    )
    return int(held > MAX_MB or one / ahead < MIN_SPEEDUP)


def main() -> int:
    """The command; its hidden options are the server and one walk."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=80)
    parser.add_argument(
        "--runs", type=int, help="taken for the other benchmarks' sake; each walk is long enough"
    )
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--latency", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--walk", help=argparse.SUPPRESS)
    parser.add_argument("--depth", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.latency))
    elif given.walk:
        print(json.dumps(asyncio.run(walk(given.walk, given.depth))))
    else:
        return compare(given.rows, given.pages)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
