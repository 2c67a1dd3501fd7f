"""A server that says byte for byte what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import Any

import attrs

from tests.support.loop_time import LoopTime

SECRET = "canary-secret"
TOKEN = "canary-token"


@attrs.frozen
class Hit:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@attrs.define
class Wire:
    """One connection, in the hands of a reply."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    hit: Hit
    token: int = 0

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        self.writer.close()


Reply = bytes | Callable[[Wire], Awaitable[None]]


def respond(status: int = 200, body: Any = b"", *, close: bool = False, **headers: str) -> bytes:
    """One whole HTTP response; anything but bytes is sent as JSON."""
    kind = "application/json"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Content-Type": kind, "Content-Length": str(len(data))} | named
    if close:
        named["Connection"] = "close"
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + data


async def reset(wire: Wire) -> None:
    wire.reset()


async def hang_up(wire: Wire) -> None:
    wire.close()


async def stall(wire: Wire) -> None:
    """Say nothing until the client gives up."""
    await wire.reader.read()


def stall_past(seconds: float, clock: LoopTime, data: bytes = b"") -> Reply:
    """Say nothing, or nothing more, for so long by the loop's time, and nothing after it either."""

    async def reply(wire: Wire) -> None:
        if data:
            await wire.send(data)
            await asyncio.sleep(0.01)  # it arrives before the time has passed
        clock.jump(seconds)
        await wire.reader.read()

    return reply


def then_stall(data: bytes) -> Reply:
    async def reply(wire: Wire) -> None:
        await wire.send(data)
        await wire.reader.read()

    return reply


def then_close(data: bytes) -> Reply:
    async def reply(wire: Wire) -> None:
        await wire.send(data)
        wire.close()

    return reply


def then_reset(data: bytes) -> Reply:
    async def reply(wire: Wire) -> None:
        await wire.send(data)
        await asyncio.sleep(0.01)  # else the RST may overtake the data in the client's buffer
        wire.reset()

    return reply


@attrs.define
class ScriptedServer:
    """Replies by path; the last one given for a path is repeated. Logins work unless told otherwise."""

    hits: list[Hit] = attrs.field(factory=list)
    tokens: int = 0
    connections: int = 0
    most_connections: int = 0
    accepted: int = 0
    port: int = 0
    scheme: str = "http"
    _replies: dict[str, list[Reply]] = attrs.field(factory=dict)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def on(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def count(self, path: str) -> int:
        return sum(hit.path == path for hit in self.hits)

    async def start(self, ssl: SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=500, ssl=ssl)
        self.scheme = "https" if ssl else "http"
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.accepted += 1
        self.most_connections = max(self.most_connections, self.connections)
        try:
            while not writer.is_closing() and (hit := await _read(reader)) is not None:
                self.hits.append(hit)
                await self._reply(Wire(reader, writer, hit))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.connections -= 1
            self._tasks.discard(task)
            writer.close()

    async def _reply(self, wire: Wire) -> None:
        reply = self._next(wire.hit.path)
        if isinstance(reply, bytes):
            await wire.send(reply)
            if b"Connection: close" in reply:
                wire.close()
        else:
            await reply(wire)

    def _next(self, path: str) -> Reply:
        queue = self._replies.get(path)
        if queue:
            return queue[0] if len(queue) == 1 else queue.pop(0)
        if path == "/api/authinfo":
            return respond(200, {"auth_url": f"{self.url}/auth", "tenant_id": "acme"})
        if path == "/auth/token":
            return self.token()
        return respond(404)

    def token(self, **fields: Any) -> bytes:
        self.tokens += 1
        given = {"access_token": f"{TOKEN}-{self.tokens}", "token_type": "Bearer", "expires_in": 3600}
        return respond(200, given | {"scope": "all"} | fields)


async def _read(reader: asyncio.StreamReader) -> Hit | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Hit(method, target, headers, body)
