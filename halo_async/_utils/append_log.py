"""An append-only log file of completed work, from which another process can resume.

Each line is a JSON object that ends with a checksum over it and all previous lines. So a changed bit, a
missing line and a duplicated line are all detected. A process or machine that crashes leaves at most one
partial line at the end; only that line is dropped. Anything else that is wrong is an error: ignoring such a
line would lead to rows being written twice or left out.

Complete lines missing from the end cannot be distinguished from lines that were never written.
"""

from __future__ import annotations

import errno
import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

import attrs

from halo_async._utils.file_lock import lock
from halo_async._utils.own_file import open_own_file, sync_folder, write_whole
from halo_async.errors import SettingsError

Entry = dict[str, Any]
_MARK = b',"checksum":"'
_SUFFIX = len(_MARK) + len(b'00000000"}')
_encode = json.JSONEncoder(separators=(",", ":")).encode
_UNWRITABLE = "An earlier line could not be written."


@attrs.frozen
class LogKind:
    """One kind of log, with its error messages."""

    name: str
    """Name of the log, such as `the journal of an export`."""
    start: bytes
    """Beginning of the first line of every such log."""
    in_use: str
    """Error if another process has it open; `{path}` and `{folder}` are filled in."""
    damaged: str
    """Instruction for a damaged log."""


class AppendLog:
    """An open log, locked by its holder. Its methods are thread-safe."""

    def __init__(self, path: str | os.PathLike[str], kind: LogKind, *, create: bool) -> None:
        """Open and lock the log and verify every line; nothing is changed before the first append.

        :raises SettingsError: another process has it open, it is not such a log, is damaged, or is a link
            or a pipe.
        :raises OSError: it cannot be opened.
        """
        self.path = Path(path)
        self.kind = kind
        self._lock = Lock()
        self._broken = False
        self._fd = open_own_file(path, os.O_RDWR | (os.O_CREAT if create else 0))
        try:
            if not lock(self._fd):
                raise SettingsError(kind.in_use.format(path=path, folder=self.path.parent))
            self._lines = _Lines(path, kind)
            for _ in self._lines.read(self._fd):
                pass
        except BaseException:
            os.close(self._fd)
            raise

    @property
    def is_new(self) -> bool:
        """Return whether the log has no line yet."""
        return not self._lines.number

    def write_header(self, header: Mapping[str, Any]) -> None:
        """Write the first line; the file and its name are on disk afterwards.

        :raises OSError: it cannot be written.
        """
        self.append(header, sync=True)
        sync_folder(self.path.parent)

    def append(self, entry: Mapping[str, Any], *, sync: bool = False) -> None:
        """Append a line, completely or not at all.

        :param sync: whether to flush it to disk before returning.
        :raises OSError: it cannot be written, or an earlier one could not.
        """
        with self._lock:
            if self._broken:
                raise OSError(errno.EIO, _UNWRITABLE)
            start, state = self._lines.end, self._lines.state
            line, after = _format_line(entry, state)
            data = self._lines.missing + line
            try:
                self._write_data(start, data)
            except BaseException:
                self._cut_back(start)
                raise
            self._lines.added(start + len(data), after)
        if sync:
            self._force(start, state, start + len(data))

    def _write_data(self, start: int, data: bytes) -> None:
        if self._lines.torn:
            os.ftruncate(self._fd, start)
        os.lseek(self._fd, start, os.SEEK_SET)
        write_whole(self._fd, data)

    def _cut_back(self, end: int) -> None:
        # A partial line in the middle would make the rest unreadable: after one nothing more is appended.
        try:
            os.ftruncate(self._fd, end)
        except OSError:
            self._broken = True

    def _force(self, start: int, state: int, end: int) -> None:
        """Flush a line to disk. After a failure, a later success would not prove that it was written."""
        try:
            self.sync()
        except OSError:
            with self._lock:
                if self._lines.end == end:
                    self._cut_back(start)
                    self._lines.taken_back(start, state)
            raise

    def sync(self) -> None:
        """Return when every line is on disk.

        :raises OSError: this is no longer possible; nothing more is appended then.
        """
        try:
            os.fsync(self._fd)
        except OSError:
            self._broken = True
            raise

    def entries(self) -> Iterator[Entry]:
        """Return every line, the header first."""
        return _Lines(self.path, self.kind).read(self._fd)

    def close(self) -> None:
        """Close and unlock the log. Closing it again has no effect."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)

    def remove(self) -> None:
        """Delete the log, as its work is complete."""
        if os.name == "nt":
            self.close()  # an open file cannot be deleted on Windows
        with suppress(OSError):
            self.path.unlink()
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def read_log(path: str | os.PathLike[str], kind: LogKind) -> Iterator[Entry]:
    """Return every line of a log without changing it, even while another process appends to it.

    :raises SettingsError: it is not such a log, is damaged, or is a link or a pipe.
    :raises OSError: it cannot be read.
    """
    fd = open_own_file(path, os.O_RDONLY)
    try:
        yield from _Lines(path, kind).read(fd)
    finally:
        os.close(fd)


def _format_line(entry: Mapping[str, Any], state: int) -> tuple[bytes, int]:
    """Return a line with its checksum, computed over the log up to and including it."""
    assert entry, "an entry says something"
    body = _encode(entry).encode()[:-1]
    after = zlib.crc32(body, state)
    return b'%b%b%08x"}\n' % (body, _MARK, after), after


class _Lines:
    """The lines of a file, verified in sequence, and the offset of their end."""

    def __init__(self, path: object, kind: LogKind) -> None:
        self._path = path
        self._kind = kind
        self.number = 0
        """Number of the last complete line, from 1."""
        self.end = 0
        self.state = 0
        self.torn = False
        """True if a partial line follows."""
        self.missing = b""
        """The line feed missing from an otherwise complete last line."""

    def read(self, fd: int) -> Iterator[Entry]:
        with io.BufferedReader(_FromStart(fd)) as file:
            self._check_start(file.peek(len(self._kind.start)))
            for line in file:
                entry = self._entry(line)
                if entry is None:
                    self.torn = True
                    return
                yield entry

    def added(self, end: int, state: int) -> None:
        self.number += 1
        self.end, self.state, self.torn, self.missing = end, state, False, b""

    def taken_back(self, end: int, state: int) -> None:
        self.number -= 1
        self.end, self.state = end, state

    def _check_start(self, data: bytes) -> None:
        start = self._kind.start
        if not data.startswith(start[: len(data)]):
            raise SettingsError(
                f"{self._path} is not {self._kind.name}, or its first line is damaged. {self._kind.damaged}"
            )

    def _entry(self, line: bytes) -> Entry | None:
        """Return the entry of a line; None for a partial line, which only the last can be."""
        whole = line.endswith(b"\n")
        text = line[:-1] if whole else line
        entry = self._decode_entry(text)
        if entry is not None:
            self.added(self.end + len(line), zlib.crc32(text[:-_SUFFIX], self.state))
            self.missing = b"" if whole else b"\n"
            return entry
        if whole or self._has_whole(line):
            raise SettingsError(self._wrong(line))
        return None

    def _has_whole(self, tail: bytes) -> bool:
        """Return whether a line is whole and only its line feed was damaged: then it is not an unfinished line."""
        mark = tail.find(_MARK)
        while mark >= 0:
            if self._decode_entry(tail[: mark + _SUFFIX]) is not None:
                return True
            mark = tail.find(_MARK, mark + 1)
        return False

    def _decode_entry(self, text: bytes) -> Entry | None:
        body, suffix = text[:-_SUFFIX], text[-_SUFFIX:]
        if not body or suffix != b'%b%08x"}' % (_MARK, zlib.crc32(body, self.state)):
            return None
        try:
            entry = json.loads(body + b"}")
        except ValueError:  # written by another writer, with a matching checksum by chance
            return None
        return entry if isinstance(entry, dict) else None

    def _wrong(self, line: bytes) -> str:
        kind, number = self._kind, self.number + 1
        if number == 1 and _MARK not in line and line.startswith(kind.start):
            return (
                f"{self._path} was written by an earlier version, whose lines have no checksums. "
                "Resume it with that version, or start a new one under another name."
            )
        return (
            f"{self._path} is damaged at line {number} of {kind.name}. The line was changed, or one before it is "
            f"missing or duplicated. {kind.damaged}"
        )


class _FromStart(io.RawIOBase):
    """Read an open file from its beginning, regardless of its current position."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = _read_at(self._fd, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _read_at(fd: int, size: int, position: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, size, position)
    os.lseek(fd, position, os.SEEK_SET)
    return os.read(fd, size)
