"""An upload: JSON around base64, made piece by piece."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, Protocol

import attrs

from halo_async._operations.serialization import encode_json
from halo_async._utils.threads import open_in_thread, run_in_thread
from halo_async.errors import InvalidRequestError

STEP = 3 * 2**17
"""Bytes read at a time: a multiple of 3, so that each piece is whole base64."""


class FileSource(Protocol):
    """Bytes of known number that can be read more than once."""

    @property
    def name(self) -> str:
        """Name of the file; empty if unknown."""
        ...

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def pieces(self) -> AsyncGenerator[bytes]:
        """Yield all bytes, `STEP` at a time."""
        ...


@attrs.frozen
class BytesFile:
    """Bytes in memory."""

    data: bytes | bytearray | memoryview = attrs.field(repr=False)
    name: str = ""

    @property
    def size(self) -> int:
        """Number of bytes."""
        return memoryview(self.data).nbytes

    async def pieces(self) -> AsyncGenerator[bytes]:
        """See `FileSource`."""
        view = memoryview(self.data).cast("B")
        for start in range(0, len(view), STEP):
            yield bytes(view[start : start + STEP])


@attrs.frozen
class DiskFile:
    """A file, in its state at the time of the check."""

    path: Path
    size: int
    changed: int
    """Time of the last change in nanoseconds, as the system reports it."""

    @property
    def name(self) -> str:
        """Name of the file on disk."""
        return self.path.name

    async def pieces(self) -> AsyncGenerator[bytes]:
        """See `FileSource`.

        :raises InvalidRequestError: the file is not the one that was looked at any more.
        """
        file = await open_in_thread(self.path.open, lambda file: file.close(), "rb")
        try:
            left = self.size
            while left:
                piece = await run_in_thread(_read_bytes, file.fileno(), min(STEP, left))
                left -= len(piece)
                if not piece or (not left and not self._as_before()):
                    raise InvalidRequestError(
                        f"{self.path} changed during the upload. Nothing was stored. Send it again."
                    )
                yield piece
        finally:
            file.close()

    def _as_before(self) -> bool:
        now = self.path.stat()
        return (now.st_size, now.st_mtime_ns) == (self.size, self.changed)


def _read_bytes(fd: int, count: int) -> bytes:
    """Read so many bytes, or all that are left: a system may return fewer than requested."""
    pieces = []
    while count and (piece := os.read(fd, count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def file_source(given: str | os.PathLike[str] | bytes | bytearray | memoryview) -> FileSource:
    """Return the source of an upload. A string is a path.

    :raises InvalidRequestError: the path is not a file.
    :raises OSError: it cannot be read.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return BytesFile(given)
    if not isinstance(given, str | os.PathLike) or "\0" in str(given) or not str(given):
        raise InvalidRequestError("An upload takes the path of a file, or its content as bytes.")
    path = Path(given)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
        raise InvalidRequestError(f"{path} {what}. Give the path of a file, or its content as bytes.")
    stat = path.stat()
    return DiskFile(path, stat.st_size, stat.st_mtime_ns)


class Base64Body:
    """`[{fields…, "data_base64": "…"}]` with an exact length, never completely in memory."""

    content_type: str | None = "application/json"

    def __init__(self, source: FileSource, fields: Mapping[str, Any]) -> None:
        self._source = source
        self._before = (
            b"[" + encode_json(dict(fields)).removesuffix(b"}") + b"," * bool(fields) + b'"data_base64":"'
        )
        self._after = b'"}]'

    @property
    def size(self) -> int:
        """Exact size in bytes."""
        return len(self._before) + 4 * -(-self._source.size // 3) + len(self._after)

    async def open(self) -> AsyncGenerator[bytes]:
        """See `halo_async.transport.streaming.protocols.StreamUpload`."""
        yield self._before
        async with aclosing(self._source.pieces()) as pieces:  # its file is closed whenever this ends
            async for piece in pieces:
                yield b64encode(piece)
        yield self._after


class RawBody:
    """The unencoded bytes of a source, for a store that accepts files."""

    def __init__(self, source: FileSource, content_type: str | None = None) -> None:
        self._source = source
        self.content_type = content_type

    @property
    def size(self) -> int:
        """Exact size in bytes."""
        return self._source.size

    def open(self) -> AsyncGenerator[bytes]:
        """See `halo_async.transport.streaming.protocols.StreamUpload`."""
        return self._source.pieces()


async def whole(upload: Base64Body) -> bytes:
    """Return a small body in one piece."""
    async with aclosing(upload.open()) as pieces:
        return b"".join([piece async for piece in pieces])
