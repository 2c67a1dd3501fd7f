"""Reading a body to its end without ever holding more of it than allowed, or waiting on a trickle."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

from halo_async.errors import AttemptTimeoutError, DecodeError, ResponseTooLargeError
from halo_async.settings import Timeouts

_STEP = 256 * 1024
"""Bytes decompressed at a time: what a bomb can add before the cap is looked at again."""
EXPANSION = 200
"""How many times its bytes on the wire a body may be: JSON reaches some tens, deflate a thousand at most."""


class ByteStream(Protocol):
    """The part of aiohttp's reader that is used."""

    async def readany(self) -> bytes:
        """Whatever has come, at least one byte; empty at the end."""
        ...


class BodySink(Protocol):
    """Where decompressed pieces go."""

    def add(self, chunk: bytes) -> None:
        """The next piece."""
        ...


def is_swollen(received: int, size: int) -> bool:
    """Whether a body of so many bytes on the wire has come out so large that it was made to."""
    return size >= _STEP and size > received * EXPANSION


async def read_body(
    stream: ByteStream, encoding: str, max_bytes: int, timeouts: Timeouts, now: Callable[[], float]
) -> bytes:
    """Read and decompress a whole body.

    :raises ResponseTooLargeError: as soon as more than `max_bytes` came out of it.
    :raises DecodeError: when its compression is broken, cut or not one that was asked for.
    :raises AttemptTimeoutError: when it comes slower than `timeouts.slow_rate`.
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
                f"the answer came at {received / elapsed:.0f} bytes a second, which is too slow to wait for"
            )
    take.end()
    return sink.whole()


def swollen() -> ResponseTooLargeError:
    """What is raised where such a body is nothing that could be raised `max_bytes=` for."""
    return ResponseTooLargeError("the response is hundreds of times larger than what was sent")


class _Sink:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise ResponseTooLargeError(
                f"the answer is larger than {self._max_bytes} bytes: raise max_bytes= to accept it"
            )
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


class _Plain:
    def __init__(self, sink: BodySink) -> None:
        self.feed = sink.add

    def end(self) -> None:
        """Whether it is whole, the HTTP layer knows."""


class _Inflate:
    """gzip (several members too) and deflate (with or without its header)."""

    def __init__(self, sink: BodySink, name: str) -> None:
        self._sink = sink
        self._name = name
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._step(data)
        except zlib.error:
            raise DecodeError(f"the answer's {self._name} compression is broken") from None

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
            raise DecodeError(f"the answer's {self._name} compression ends in the middle")


def decompressor(encoding: str, sink: BodySink) -> _Plain | _Inflate:
    """What takes a body as it came, by `feed` and at last `end`, and gives it decompressed to the sink.

    :raises DecodeError: it is compressed in a way that was not asked for.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Plain(sink)
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Inflate(sink, name.removeprefix("x-"))
    raise DecodeError("the answer is compressed in a way that was not asked for")
