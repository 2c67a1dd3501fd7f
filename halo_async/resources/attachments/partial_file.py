"""A partial download: its bytes next to their destination, and their origin."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

import attrs
import msgspec

from halo_async._utils.file_lock import lock
from halo_async._utils.own_file import sync_folder, write_whole
from halo_async.errors import InvalidRequestError

ENDING = ".halo-part"
_LONGEST = 255 - len(ENDING + ".json")


@attrs.frozen
class FileOrigin:
    """Origin of the bytes of a partial file. It is resumed only if all of this is the same."""

    url: str
    total: int | None = None
    """Total bytes; None if not known, and then nothing is resumed."""
    validator: str | None = None
    """A strong ETag or a Last-Modified, for If-Range."""
    name: str | None = None
    """Name given by the server."""


class PartialFile:
    """`NAME.halo-part`, locked while it is open, with its origin in `NAME.halo-part.json` next to it.

    Both survive a lost connection, a cancelled download and a killed process.
    """

    def __init__(self, folder: Path, name: str) -> None:
        if len(name.encode()) > _LONGEST:
            name = hashlib.sha256(name.encode()).hexdigest()[:32]
        self.path = folder / f"{name}{ENDING}"
        self._told = folder / f"{name}{ENDING}.json"
        self._file: FileIO | None = None
        self.origin: FileOrigin | None = None
        self.size = 0

    def open(self, url: str) -> None:
        """Open the existing partial file, if it has the same URL.

        :raises InvalidRequestError: another download is writing it.
        :raises OSError: the folder cannot be used.
        """
        self._file = _locked(self.path)
        self.origin = self._read_origin()
        self.size = os.fstat(self._file.fileno()).st_size
        if self.origin is None or self.origin.url != url or self.origin.total is None:
            self.restart(FileOrigin(url))

    def _read_origin(self) -> FileOrigin | None:
        try:
            value: Any = msgspec.json.decode(self._told.read_bytes())
            return FileOrigin(value["url"], value["total"], value["validator"], value["name"])
        except (OSError, msgspec.DecodeError, RecursionError, KeyError, TypeError):
            return None

    def restart(self, origin: FileOrigin) -> None:
        """Discard the existing bytes and start again, with another origin if necessary."""
        assert self._file is not None
        self._file.seek(0)
        self._file.truncate()
        self.size = 0
        self.tell(origin)

    def tell(self, origin: FileOrigin) -> None:
        """Record the origin of the bytes, before any of them is written."""
        self.origin = origin
        fields = {name: getattr(origin, name) for name in ("url", "total", "validator", "name")}
        with FileIO(self._told, "w", opener=_own) as file:
            write_whole(file.fileno(), msgspec.json.encode(fields))

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        assert self._file is not None
        rest = memoryview(chunk)
        while rest:
            count = self._file.write(rest)
            if not count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.size += count
            rest = rest[count:]

    def settle(self, target: Path, *, overwrite: bool) -> None:
        """Turn it into the file itself, complete and on disk, in one step.

        :raises FileExistsError: a file of that name exists and must not be overwritten.
        """
        assert self._file is not None
        os.fsync(self._file.fileno())
        if os.name == "nt":
            self._file.close()  # an open file cannot be renamed there
        _move(self.path, target, overwrite=overwrite)
        self._told.unlink(missing_ok=True)
        try:
            sync_folder(target.parent)
        finally:
            self._file.close()

    def close(self) -> None:
        """Close it and leave the received bytes for the next download; delete it if there are none."""
        if self._file is None or self._file.closed:
            return
        if not self.size:
            self.remove()
        self._file.close()

    def remove(self) -> None:
        """Delete the received bytes: they are of no use."""
        self.size = 0
        for path in (self._told, self.path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _locked(path: Path) -> FileIO:
    while True:
        file = FileIO(path, "a+", opener=_own)  # unbuffered: written bytes are counted
        if not lock(file.fileno()):
            file.close()
            raise InvalidRequestError(
                f"{path} is being written by another download. Wait until it has finished."
            )
        if _is_still(path, file):
            return file
        file.close()


def _own(path: str, flags: int) -> int:
    """Open a file without following a link, which somebody may have created in a shared folder."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _is_still(path: Path, file: FileIO) -> bool:
    """Return whether the opened file is a partial file and nothing else.

    If its owner finished in between, it is the finished file; it has two names if its owner
    was killed while finishing: then the partial name is deleted.
    """
    opened = os.fstat(file.fileno())
    if opened.st_nlink > 1:
        path.unlink(missing_ok=True)
        return False
    try:
        return os.path.samestat(path.stat(), opened)
    except FileNotFoundError:
        return False


def _move(part: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(target)
        return
    try:
        os.link(part, target)  # unlike renaming, it never replaces what is there
    except FileExistsError:
        raise exists(target) from None
    except OSError:  # a file system without links
        if target.exists():
            raise exists(target) from None
        part.rename(target)
    else:
        part.unlink()


def exists(target: Path) -> FileExistsError:
    """Return the error of a name that exists."""
    return FileExistsError(f"{target} already exists. Give another name, or pass overwrite=True.")
