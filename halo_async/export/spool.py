"""The file that rows are gathered in: appended to, never rewritten, cut back to a known length on resuming."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any, BinaryIO, Self, cast

from attrs import frozen

from halo_async._utils.own_file import open_own_file, write_whole
from halo_async.errors import SettingsError

_CHUNK = 1 << 20


@frozen
class SpoolCodec:
    """How the lines are compressed: every append is a part of its own, so that a file can be cut between two."""

    suffix: str
    pack: Callable[[bytes], bytes]
    reader: Callable[[Path], BinaryIO]


def codec(name: str) -> SpoolCodec:
    """`` (none), `gz` or `zst`.

    :raises SettingsError: the package for it is not installed.
    """
    if name == "gz":
        import gzip

        return SpoolCodec(
            ".gz",
            partial(gzip.compress, compresslevel=6, mtime=0),
            lambda path: cast(BinaryIO, gzip.open(path, "rb")),
        )
    if name == "zst":
        return _zstd()
    return SpoolCodec("", lambda data: data, lambda path: path.open("rb"))


def _zstd() -> SpoolCodec:
    try:
        zstandard: Any = import_module("zstandard")
    except ModuleNotFoundError:
        raise SettingsError('jsonl.zst needs zstandard: pip install "halo-async[zstd]"') from None

    def opened(path: Path) -> BinaryIO:
        import io

        reader = zstandard.ZstdDecompressor().stream_reader(
            path.open("rb"), read_across_frames=True, closefd=True
        )
        return cast(BinaryIO, io.BufferedReader(reader))

    return SpoolCodec(".zst", lambda data: zstandard.ZstdCompressor().compress(data), opened)


class Spool:
    """One resource's lines on disk."""

    def __init__(self, path: Path, codec: SpoolCodec, offset: int = 0) -> None:
        """Open for appending, keeping the first `offset` bytes.

        :raises OSError: it cannot be written, or is shorter than that.
        :raises SettingsError: a link, a pipe or another user's file is in its place.
        """
        self.path = path
        self.codec = codec
        self.offset = offset
        self._fd = open_own_file(path, os.O_RDWR | os.O_CREAT)
        try:
            if os.fstat(self._fd).st_size < offset:
                raise OSError(5, "the file is shorter than its journal says")
            os.ftruncate(self._fd, offset)
            os.lseek(self._fd, offset, os.SEEK_SET)
        except BaseException:
            os.close(self._fd)
            raise

    @classmethod
    def closed(cls, path: Path) -> Self:
        """A file that nothing is added to any more."""
        spool = object.__new__(cls)
        spool.path, spool.codec, spool.offset, spool._fd = path, codec(""), 0, -1
        return spool

    def append(self, rows: Sequence[bytes]) -> int:
        """Add rows, a line each; the checksum of the bytes added.

        :raises OSError: the disk is full, or worse. What came after `offset` is then worth nothing.
        """
        if not rows:
            return 0
        data = self.codec.pack(b"\n".join(rows) + b"\n")
        write_whole(self._fd, data)
        self.offset += len(data)
        return zlib.crc32(data)

    def clear(self) -> None:
        """Begin anew."""
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        self.offset = 0

    def sync(self) -> None:
        """Return when everything is on the disk.

        :raises OSError: it never will be.
        """
        fd = self._fd
        try:
            if fd >= 0:
                os.fsync(fd)
        except OSError:
            if self._fd >= 0:  # else it was finished and closed meanwhile
                raise

    def close(self) -> None:
        """No more rows. Calling it again does no harm."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)

    def rows(self) -> Iterator[bytes]:
        """The lines written so far."""
        return lines(self.path, self.codec)


def lines(path: Path, codec: SpoolCodec) -> Iterator[bytes]:
    """The lines of a file, without their line feeds."""
    with codec.reader(path) as file:
        for line in file:
            yield line.rstrip(b"\n")


def checksum(path: Path, start: int, stop: int) -> int | None:
    """The checksum of a part of a file; None where the file is shorter."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return _crc(file, stop - start)
    except FileNotFoundError:
        return 0 if start == stop == 0 else None


def _crc(file: IO[bytes], left: int) -> int | None:
    crc = 0
    while left:
        data = file.read(min(left, _CHUNK))
        if not data:
            return None
        crc = zlib.crc32(data, crc)
        left -= len(data)
    return crc
