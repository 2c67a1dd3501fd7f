"""Reading a body to its end within limits of size and of minimum speed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

from halo_async.errors import AttemptTimeoutError, DecodeError, ResponseTooLargeError
from halo_async.settings import Timeouts


class UnknownEncodingError(DecodeError):
    """The response has a compression that this client cannot read.

    :ivar encoding: its name, in lower case.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__("The response is compressed in a way that was not requested.")
        self.encoding = encoding


_STEP = 256 * 1024
"""Bytes decompressed at a time: the most that a bomb can add before the limit is checked again."""
EXPANSION = 200
"""Maximum ratio of a body to its bytes on the wire: JSON reaches some tens, deflate a thousand at most."""


class ByteStream(Protocol):
    """The part of aiohttp's reader that is used."""

    async def readany(self) -> bytes:
        """Return all bytes available, at least one; empty at the end."""
        ...


class BodySink(Protocol):
    """Receiver of decompressed pieces."""

    def add(self, chunk: bytes) -> None:
        """Add the next piece."""
        ...


def is_swollen(received: int, size: int) -> bool:
    """Return whether a body is too large for its bytes on the wire to be legitimate."""
    return size >= _STEP and size > received * EXPANSION


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
        take.feed(chunk)
        elapsed = now() - began
        if elapsed > timeouts.slow_after and received < elapsed * timeouts.slow_rate:
            raise AttemptTimeoutError(
                f"The response arrived at {received / elapsed:.0f} bytes per second, which is too slow."
            )
    take.end()
    return sink.whole()


def swollen() -> ResponseTooLargeError:
    """Return the error for such a body where raising `max_bytes=` would not help."""
    return ResponseTooLargeError("The decompressed response is hundreds of times larger than what was sent.")


class _Sink:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise ResponseTooLargeError(
                f"The response is larger than {self._max_bytes} bytes. Raise max_bytes= to accept it."
            )
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


class _Plain:
    def __init__(self, sink: BodySink) -> None:
        self.feed = sink.add

    def end(self) -> None:
        """Do nothing: the HTTP layer checks that the body is complete."""


class _Inflate:
    """gzip (including several members) and deflate (with or without its header)."""

    def __init__(self, sink: BodySink, name: str) -> None:
        self._sink = sink
        self._name = name
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._step(data)
        except zlib.error:
            raise DecodeError(f"The response's {self._name} compression is broken.") from None

    def _step(self, data: bytes) -> bytes:
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window(data[0]))
        out = self._stream.decompress(data, _STEP)
        if out:
            self._sink.add(out)
        if self._stream.eof:
            rest, self._stream = self._stream.unused_data.lstrip(b"\0"), None
            return rest
        return self._stream.unconsumed_tail

    def _window(self, first: int) -> int:
        if self._name == "gzip":
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS

    def end(self) -> None:
        if self._stream is not None:
            raise DecodeError(f"The response's {self._name} compression is truncated.")


def decompressor(encoding: str, sink: BodySink) -> _Plain | _Inflate:
    """Return a decompressor of a raw body into the sink, with `feed` and finally `end`.

    :raises DecodeError: it is compressed in a way that was not requested.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Plain(sink)
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Inflate(sink, name.removeprefix("x-"))
    raise UnknownEncodingError(name)
