"""Raw access to a connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from halo_async._utils.clock import Clock
from halo_async.emulator.reply import Reply


class RawConnection:
    """Transport under one request. Nothing here passes through the HTTP layer."""

    def __init__(self, transport: asyncio.Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self.doomed = False

    def doom(self) -> None:
        """Let this response through; the next request on the connection is reset."""
        self.doomed = True

    async def flush(self) -> None:
        """Wait until written data has been sent: a reset discards the rest."""
        await asyncio.sleep(0.02)

    async def write(self, data: bytes) -> None:
        """Send raw bytes."""
        if not self._transport.is_closing():
            self._transport.write(data)
        await asyncio.sleep(0)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the instance's clock."""
        await self._clock.sleep(seconds)

    def reset(self) -> None:
        """Send RST: unread data is discarded on both sides."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self) -> None:
        """Send FIN once everything is written."""
        self._transport.close()

    @property
    def closed(self) -> bool:
        """Return whether either side has disconnected."""
        return self._transport.is_closing()


def head(reply: Reply, *, length: int | None, chunked: bool = False) -> bytes:
    """Return the status line and headers of a response, the blank line included."""
    lines = [f"HTTP/1.1 {reply.status} {_phrase(reply.status)}"]
    if reply.content_type:
        lines.append(f"Content-Type: {reply.content_type}")
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines.append("Transfer-Encoding: chunked" if chunked else "Server: emulator")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
