"""A file that is still coming: its bytes beside the place where it will be, and whose they are."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

import msgspec
from attr import frozen

from halo_async._utils.file_lock import lock
from halo_async._utils.own_file import write_whole
from halo_async.errors import InvalidRequestError

ENDING = ".halo-part"
_LONGEST = 255 - len(ENDING + ".json")


@frozen
class FileOrigin:
    """Which file the bytes are of. A part is continued only if all of it is the same."""

    url: str
    total: int | None = None
    """Bytes; None: not known, and then nothing is continued."""
    validator: str | None = None
    """A strong ETag or a Last-Modified, for If-Range."""
    name: str | None = None
    """As the server said it."""


class PartialFile:
    """`NAME.halo-part`, locked while it is open, with `NAME.halo-part.json` beside it saying whose it is.

    Both outlive a broken connection, a cancelled download and a killed process.
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
        """Take what is there, if it is of this address.

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
        except (OSError, msgspec.DecodeError, KeyError, TypeError):
            return None

    def restart(self, origin: FileOrigin) -> None:
        """Throw away what is there and begin anew, as another's if need be."""
        assert self._file is not None
        self._file.seek(0)
        self._file.truncate()
        self.size = 0
        self.tell(origin)

    def tell(self, origin: FileOrigin) -> None:
        """Note whose the bytes are, before any of them is written."""
        self.origin = origin
        fields = {name: getattr(origin, name) for name in ("url", "total", "validator", "name")}
        with FileIO(self._told, "w", opener=_own) as file:
            write_whole(file.fileno(), msgspec.json.encode(fields))

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        assert self._file is not None
        rest = memoryview(chunk)
        while rest:
            count = self._file.write(rest)
            if not count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.size += count
            rest = rest[count:]

    def settle(self, target: Path, *, overwrite: bool) -> None:
        """Make it the file itself, whole and on the disk, in one step.

        :raises FileExistsError: there is one of that name, and it is not to be overwritten.
        """
        assert self._file is not None
        os.fsync(self._file.fileno())
        if os.name == "nt":
            self._file.close()  # an open file cannot be renamed there
        _move(self.path, target, overwrite=overwrite)
        self._told.unlink(missing_ok=True)
        _sync_folder(target.parent)
        self._file.close()

    def close(self) -> None:
        """Leave what came for the next time; nothing at all if nothing came."""
        if self._file is None or self._file.closed:
            return
        if not self.size:
            self.remove()
        self._file.close()

    def remove(self) -> None:
        """Delete what came: it is of no use."""
        self.size = 0
        for path in (self._told, self.path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _locked(path: Path) -> FileIO:
    while True:
        file = FileIO(path, "a+", opener=_own)  # unbuffered: what is written is counted
        if not lock(file.fileno()):
            file.close()
            raise InvalidRequestError(f"{path} is being written by another download: wait for it")
        if _is_still(path, file):
            return file
        file.close()


def _own(path: str, flags: int) -> int:
    """Follow no link that somebody may have laid in a shared folder."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _is_still(path: Path, file: FileIO) -> bool:
    """Whether what was opened is a part and nothing else.

    If its owner finished in between, it is the finished file; so it is under two names, if its owner
    was killed while it settled: then the part's name goes.
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
    """The error of a name that is taken."""
    return FileExistsError(f"{target} is there already: give another name, or overwrite=True")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError:  # some file systems cannot
        pass
    finally:
        os.close(fd)
