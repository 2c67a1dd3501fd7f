"""What an export has done, line by line, so that another process can go on from there.

An entry is written after its rows. Both are in the kernel's hands then, which is enough for a process that
is killed. For a machine that stops, a `sync` entry follows from time to time: it is written after the data
files, and is itself forced to disk. What comes after the last of them is believed only if its checksum fits.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from halo_async.errors import SettingsError
from halo_async.export.locking import lock

NAME = ".halo-export.journal"
_UNWRITABLE = "the journal could not be written before"

Entry = dict[str, Any]


class Journal:
    """An append-only file of JSON lines, locked by whoever has it open."""

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open and lock it.

        :raises SettingsError: another export has it.
        :raises OSError: it cannot be opened.
        """
        self.path = path
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | (os.O_CREAT if create else 0)
        self._fd = os.open(path, flags, 0o666)
        try:
            if not lock(self._fd):
                raise SettingsError(f"another export is writing into {path.parent}")
            self._end = self._whole_lines()
            if create and self._end:
                raise SettingsError(f"another export began in {path.parent}")
            os.ftruncate(self._fd, self._end)
        except BaseException:
            os.close(self._fd)
            raise
        self._broken = False

    @classmethod
    def begin(cls, folder: Path, header: Mapping[str, Any]) -> Self:
        """A new journal in a folder, its header on disk.

        :raises SettingsError: there is one already.
        :raises OSError: it cannot be written.
        """
        journal = cls(folder / NAME, create=True)
        try:
            journal.append(dict(header))
            journal.sync()
        except BaseException:
            journal.close()
            raise
        return journal

    def append(self, entry: Entry) -> None:
        """Add a line, whole or not at all.

        :raises OSError: it cannot be written, or an earlier one could not.
        """
        if self._broken:
            raise OSError(28, _UNWRITABLE)
        data = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            os.lseek(self._fd, self._end, os.SEEK_SET)
            written = 0
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError:
            self._cut_back()
            raise
        self._end += len(data)

    def _cut_back(self) -> None:
        # Half a line in the middle would make the rest unreadable: without a clean end nothing more is added.
        try:
            os.ftruncate(self._fd, self._end)
        except OSError:
            self._broken = True

    def sync(self) -> None:
        """Return when every line is on the disk.

        :raises OSError: it never will be.
        """
        os.fsync(self._fd)

    def entries(self) -> Iterator[Entry]:
        """Every whole line, the header first."""
        with self.path.open("rb") as file:
            left = self._end
            for line in file:
                left -= len(line)
                if left < 0:
                    return
                yield json.loads(line)

    def _whole_lines(self) -> int:
        """Where the last line ends that was written to its end."""
        end = 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n") or not _is_entry(line):
                    break
                end += len(line)
        return end

    def close(self) -> None:
        """Let go of it. Calling it again does no harm."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):
                os.close(fd)

    def remove(self) -> None:
        """The export is complete."""
        with suppress(OSError):
            self.path.unlink()
        self.close()


def _is_entry(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
