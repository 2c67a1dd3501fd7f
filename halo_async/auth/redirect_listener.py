"""Redirect listener for a browser login: this machine only, one redirect."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from hmac import compare_digest
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from anyio import ClosedResourceError, WouldBlock, create_memory_object_stream

from halo_async._utils.background import complete, stop
from halo_async._utils.secret import Secret
from halo_async.auth.http import text_of
from halo_async.errors import AuthenticationError

_PAGE = b"<!doctype html><title>halo-async</title><p>%s You can close this window."
_LONGEST_LINE = 16_384
_SILENCE = 10.0
"""Seconds that a connection may stay silent: browsers open some that they may never use."""


class RedirectListener:
    """Listens on 127.0.0.1 while the `async with` block runs."""

    def __init__(self, state: str, port: int = 0) -> None:
        """`state`: the value that this login's redirect carries; others are ignored."""
        self._state = state
        self._port = port
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The redirect URI."""
        return f"http://127.0.0.1:{self._port}/"

    async def __aenter__(self) -> Self:
        try:
            # Cancelled in its last step, asyncio would leave the port open with nobody to close it.
            self._server = await complete(
                asyncio.start_server(self._visited, "127.0.0.1", self._port, limit=_LONGEST_LINE),
                undo=asyncio.Server.close,
            )
        except OSError as error:
            raise AuthenticationError(
                f"Port {self._port} of this machine cannot be listened on. Choose another port."
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]
        self._queries, self._received = create_memory_object_stream[dict[str, str]](16)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._queries.close()
        self._received.close()
        await stop(*self._visits)  # browsers open connections that they may never use
        await self._server.wait_closed()

    async def code(self, seconds: float) -> Secret:
        """Wait for the redirect that belongs to this login.

        :raises AuthenticationError: none was received within `seconds`, or the login service refused.
        """
        try:
            async with asyncio.timeout(seconds):
                return _code(await self._received.receive())
        except TimeoutError:
            raise AuthenticationError(
                f"Timed out after {seconds:.0f} s waiting for the browser login."
            ) from None

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            async with asyncio.timeout(_SILENCE):
                line = await reader.readline()
            writer.write(_format_response(_PAGE % self._write_page(_query(line))))
            await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.CancelledError):
            pass  # a browser that hangs up or sends nothing, or another client
        finally:
            self._visits.discard(visit)
            writer.close()

    def _write_page(self, query: dict[str, str]) -> bytes:
        ours = compare_digest(query.get("state", "").encode(), self._state.encode())
        if not ours or not (query.get("code") or query.get("error")):
            return b"Nothing to see here."
        with suppress(WouldBlock, ClosedResourceError):  # enough of them, or too late
            self._queries.send_nowait(query)
        return b"Logged in." if query.get("code") else b"The login was refused."


def _query(line: bytes) -> dict[str, str]:
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3 or parts[0] != "GET":
        return {}
    found = parse_qs(urlsplit(parts[1]).query, max_num_fields=20)
    return {name: values[0] for name, values in found.items()}


def _format_response(page: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    return head.encode() + page


def _code(query: dict[str, str]) -> Secret:
    if query.get("code"):
        return Secret(query["code"])
    reason = text_of(query.get("error_description")) or text_of(query.get("error")) or "no reason given"
    raise AuthenticationError(f"The login in the browser was refused ({reason}).")
