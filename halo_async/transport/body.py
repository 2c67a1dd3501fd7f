"""Reading a body to its end within limits of size and of minimum speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from halo_async._utils.threads import run_in_thread
from halo_async.errors import AttemptTimeoutError, ResponseTooLargeError
from halo_async.settings import Timeouts
from halo_async.transport.decompression import decompressor
from halo_async.transport.types import AT_ONCE

_HARMLESS = 256 * 1024
"""Bytes of a body that may be requested again whatever it expanded from."""
EXPANSION = 200
"""Maximum ratio of a body to its bytes on the wire: JSON reaches some tens, deflate a thousand at most."""


class ByteStream(Protocol):
    """The part of aiohttp's reader that is used."""

    async def readany(self) -> bytes:
        """Return all bytes available, at least one; empty at the end."""
        ...


def is_swollen(received: int, size: int) -> bool:
    """Return whether a body is too large for its bytes on the wire to be legitimate."""
    return size >= _HARMLESS and size > received * EXPANSION


async def read_body(
    stream: ByteStream, encoding: str, max_bytes: int, timeouts: Timeouts, now: Callable[[], float]
) -> bytes:
    """Read and decompress a whole body.

    :raises ResponseTooLargeError: as soon as it exceeds `max_bytes` decompressed.
    :raises DecodeError: if its compression is broken, truncated or not one that was requested.
    :raises AttemptTimeoutError: if it is received slower than `timeouts.slow_rate`.
    """
    sink = _Sink(max_bytes)
    take = decompressor(encoding, sink)
    began, received = now(), 0
    while chunk := await stream.readany():
        received += len(chunk)
        if encoding and sink.size > AT_ONCE:
            await run_in_thread(take.feed, chunk)
        else:
            take.feed(chunk)
        elapsed = now() - began
        if elapsed > timeouts.slow_after and received < elapsed * timeouts.slow_rate:
            raise AttemptTimeoutError(
                f"The response arrived at {received / elapsed:.0f} bytes per second, which is too slow."
            )
    take.end()
    return await sink.whole()


def swollen() -> ResponseTooLargeError:
    """Return the error for such a body where raising `max_bytes=` would not help."""
    return ResponseTooLargeError("The decompressed response is hundreds of times larger than what was sent.")


class _Sink:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise ResponseTooLargeError(
                f"The response is larger than {self._max_bytes} bytes. Raise max_bytes= to accept it."
            )
        self._chunks.append(chunk)

    async def whole(self) -> bytes:
        if len(self._chunks) == 1:
            return self._chunks[0]
        if self.size <= AT_ONCE:
            return b"".join(self._chunks)
        return await run_in_thread(b"".join, self._chunks)  # other threads go on while it copies that much
