"""The listener to which the browser comes back after a login: this machine only, one visit."""

from __future__ import annotations

import asyncio
from hmac import compare_digest
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from halo_async.auth.exchange import text_of
from halo_async.errors import AuthenticationError
from halo_async.secret import Secret

_PAGE = b"<!doctype html><title>halo-async</title><p>%s You can close this window."
_LONGEST_LINE = 16_384


class Visit:
    """Listens on 127.0.0.1 from `async with` on."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._queries: asyncio.Queue[dict[str, str]] = asyncio.Queue(maxsize=16)

    @property
    def url(self) -> str:
        """Where the browser is sent back to."""
        return f"http://127.0.0.1:{self._port}/"

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._visited, "127.0.0.1", self._port, limit=_LONGEST_LINE
            )
        except OSError as error:
            raise AuthenticationError(f"port {self._port} of this machine cannot be listened on") from error
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def code(self, state: str, seconds: float) -> Secret:
        """Wait for the visit that belongs to this login; others are ignored.

        :raises AuthenticationError: nobody came within `seconds`, or the login service said no.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    query = await self._queries.get()
                    if compare_digest(query.get("state", "").encode(), state.encode()):
                        return _code(query)
        except TimeoutError:
            raise AuthenticationError(f"nobody came back from the browser within {seconds:.0f} s") from None

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                line = await reader.readline()
            query = _query(line)
            if query and not self._queries.full():
                self._queries.put_nowait(query)
            said = b"Logged in." if "code" in query else b"Nothing to see here."
            writer.write(_answer(_PAGE % said))
            await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass  # a browser that hangs up, or no browser
        finally:
            writer.close()


def _query(line: bytes) -> dict[str, str]:
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3 or parts[0] != "GET":
        return {}
    found = parse_qs(urlsplit(parts[1]).query, max_num_fields=20)
    return {name: values[0] for name, values in found.items()}


def _answer(page: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    return head.encode() + page


def _code(query: dict[str, str]) -> Secret:
    if query.get("code"):
        return Secret(query["code"])
    reason = text_of(query.get("error_description")) or text_of(query.get("error")) or "no reason was given"
    raise AuthenticationError(f"the login in the browser was refused: {reason}")
