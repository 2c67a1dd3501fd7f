"""File in which rows are gathered: appended to, never rewritten, truncated to a known length on resume."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Self, cast

import attrs

from halo_async._utils.fast_zlib import fast_zlib
from halo_async._utils.own_file import open_own_file, sync_folder, write_whole
from halo_async.errors import SettingsError
from halo_async.export.spool_tail import SpoolTail

_CHUNK = 1 << 20


class ReaderClosedError(BrokenPipeError):
    """The reader of the rows has closed its end: it has enough, and nothing failed."""


@attrs.frozen
class SpoolCodec:
    """Compression of the lines: every append is a separate frame, so that a file can be cut between two."""

    suffix: str
    pack: Callable[[bytes], bytes]
    reader: Callable[[Path], BinaryIO]


def codec(name: str) -> SpoolCodec:
    """Return the codec of `` (none), `gz` or `zst`.

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
        raise SettingsError('jsonl.zst requires zstandard. Run pip install "halo-async[zstd]".') from None

    def opened(path: Path) -> BinaryIO:
        import io

        reader = zstandard.ZstdDecompressor().stream_reader(
            path.open("rb"), read_across_frames=True, closefd=True
        )
        return cast(BinaryIO, io.BufferedReader(reader))

    return SpoolCodec(".zst", lambda data: zstandard.ZstdCompressor().compress(data), opened)


@attrs.frozen
class SelectedRows:
    """Some rows of a spool, in a file beside it."""

    path: Path
    rows: int
    size: int
    crc: int


class Spool:
    """One resource's lines on disk."""

    _tail: SpoolTail | None = None
    _is_named = False
    """True if its name is on the disk, too."""

    def __init__(self, path: Path, codec: SpoolCodec, offset: int = 0) -> None:
        """Open for appending, keeping the first `offset` bytes.

        :raises OSError: it cannot be written, or is shorter.
        :raises SettingsError: the path is a link, a pipe or another user's file.
        """
        self.path = path
        self.codec = codec
        self.offset = offset
        self._fd = open_own_file(path, os.O_RDWR | os.O_CREAT)
        try:
            if os.fstat(self._fd).st_size < offset:
                raise OSError(5, "The file is shorter than its journal says.")
            os.ftruncate(self._fd, offset)
            os.lseek(self._fd, offset, os.SEEK_SET)
            _beside(path).unlink(missing_ok=True)  # of a killed run
        except BaseException:
            os.close(self._fd)
            raise

    @classmethod
    def closed(cls, path: Path) -> Self:
        """Return a spool that is closed for appending."""
        spool = object.__new__(cls)
        spool.path, spool.codec, spool.offset, spool._fd = path, codec(""), 0, -1
        return spool

    def append(self, rows: Sequence[bytes]) -> int:
        """Append rows, one per line; return the checksum of the added bytes.

        :raises OSError: the disk is full or failed. The bytes after `offset` are then not valid.
        """
        if not rows:
            return 0
        data = self.codec.pack(b"\n".join([*rows, b""]))
        write_whole(self._fd, data)
        self.offset += len(data)
        self.show_tail()
        return int(fast_zlib().crc32(data))

    def show_tail(self) -> None:
        """Let whoever follows this file read it up to here."""
        if self._tail is not None:
            self._tail.grow(self.offset)

    def append_packed(self, data: bytes, crc: int) -> int:
        """Append lines that another spool of this codec has packed; return the checksum that `crc` becomes by them.

        Whoever follows the file sees them after `show_tail` only: they may be taken back.

        :raises OSError: the disk is full or failed. The bytes after `offset` are then not valid.
        """
        write_whole(self._fd, data)
        self.offset += len(data)
        return int(fast_zlib().crc32(data, crc))

    def cut(self, offset: int) -> None:
        """Take back what was appended after an offset.

        :raises OSError: it cannot be done.
        """
        os.ftruncate(self._fd, offset)
        os.lseek(self._fd, offset, os.SEEK_SET)
        self.offset = offset

    def begin_again(self) -> None:
        """The list is read again: the rows that are there stay until they are compared with the new ones.

        :raises SettingsError: they cannot be compared later.
        """

    def select(self, is_kept: Callable[[bytes], bool]) -> SelectedRows | None:
        """Write some rows into a file beside this one; None where rows cannot be taken back.

        :raises OSError: the disk is full or failed.
        """
        path = _beside(self.path)
        aside, count, crc = Spool(path, self.codec), 0, 0
        try:
            for rows in _batches(filter(is_kept, self.rows())):
                aside.append(rows)
                count += len(rows)
            aside.sync()
            crc = checksum(path, 0, aside.offset) or 0
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            aside.close()
        return SelectedRows(path, count, aside.offset, crc)

    def replace(self, chosen: SelectedRows) -> None:
        """Hold these rows only, and append after them.

        :raises OSError: they cannot take the place of this file.
        """
        self._lose_tail()
        self.close()
        chosen.path.replace(self.path)
        opened = Spool(self.path, self.codec, chosen.size)
        self._fd, self.offset = opened._fd, opened.offset
        sync_folder(self.path.parent)  # else the journal could be the new one, and the rows those of before

    def follow(self) -> SpoolTail:
        """Return a reader of the lines for one thread, while others are appended. They cannot be compressed."""
        self._tail = SpoolTail(self.path, self.offset)
        return self._tail

    def _lose_tail(self) -> None:
        if self._tail is not None:
            self._tail.lose()
            self._tail = None

    def sync(self) -> None:
        """Flush everything to disk.

        :raises OSError: flushing failed.
        """
        fd = self._fd
        try:
            if fd >= 0:
                os.fsync(fd)
                if not self._is_named:
                    sync_folder(self.path.parent)
                    self._is_named = True
        except OSError:
            if self._fd >= 0:  # else it was finished and closed in the meantime
                raise

    def close(self) -> None:
        """Close it for appending. Calling it again is safe."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)

    def rows(self) -> Iterator[bytes]:
        """Yield the lines written so far."""
        return lines(self.path, self.codec)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".kept")


def _batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
    while some := list(islice(rows, 10_000)):
        yield some


def lines(path: Path, codec: SpoolCodec) -> Iterator[bytes]:
    """Yield the lines of a file, without their line feeds."""
    with codec.reader(path) as file:
        for line in file:
            yield line.rstrip(b"\n")


def checksum(path: Path, start: int, stop: int) -> int | None:
    """Return the checksum of a part of a file; None if the file is shorter."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return _crc(file, stop - start)
    except FileNotFoundError:
        return 0 if start == stop == 0 else None


def _crc(file: IO[bytes], left: int) -> int | None:
    crc, crc32 = 0, fast_zlib().crc32
    while left:
        data = file.read(min(left, _CHUNK))
        if not data:
            return None
        crc = crc32(data, crc)
        left -= len(data)
    return crc
