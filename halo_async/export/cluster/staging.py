"""Parts and records of lanes, at an address that driver and workers reach: a shared folder, or an object store."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from halo_async._utils.own_file import open_own_file, write_whole
from halo_async.errors import SettingsError
from halo_async.export.filesystem import filesystem

PARTS = ".halo-parts"
"""Folder of the parts, below that of an export, if no other address is given."""


class StagingArea(Protocol):
    """Files below one address. Its methods block, and are called in threads."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file, complete before its name can be seen.

        It need not outlive a machine that stops: what is lost then is told by lengths and checksums, and read again.

        :raises OSError: it cannot be written.
        """
        ...

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        :raises OSError: it cannot be read, or there is none.
        """
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names of all files below a folder, relative to it; none where there is no folder.

        :raises OSError: they cannot be listed.
        """
        ...

    def remove(self, folder: str) -> None:
        """Remove a folder with all files in it, as far as possible."""
        ...


def open_area(address: str) -> StagingArea:
    """Return the files below a folder or URL.

    :raises SettingsError: the URL has a password, or needs a package that is not installed.
    """
    check_address(address)
    if "://" not in address:
        return FolderArea(Path(address))
    return RemoteArea(*filesystem(address))


def check_address(address: str) -> None:
    """Check that an address has no login in it: it is stored, shown and sent to the workers.

    :raises SettingsError: it has one.
    """
    scheme, separator, rest = address.partition("://")
    if separator and "@" in rest.partition("/")[0]:
        raise SettingsError(
            f"staging must not contain a login. Set it in the environment of driver and workers, and write "
            f"{scheme}://host/folder."
        )


class FolderArea:
    """A folder of a file system that the driver and all workers have."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, data: bytes) -> None:
        """See `StagingArea.write`."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{uuid4().hex}.tmp")
        fd = open_own_file(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            write_whole(fd, data)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        finally:
            os.close(fd)
        part.replace(path)

    def read(self, name: str) -> bytes:
        """See `StagingArea.read`."""
        return (self._root / name).read_bytes()

    def names(self, folder: str) -> list[str]:
        """See `StagingArea.names`."""
        root = self._root / folder
        found = (path for path in root.rglob("*") if not path.name.startswith("."))
        return [path.relative_to(root).as_posix() for path in found if path.is_file()]

    def remove(self, folder: str) -> None:
        """See `StagingArea.remove`."""
        shutil.rmtree(self._root / folder, ignore_errors=True)
        if self._root.parent.name == PARTS:
            with suppress(OSError):
                self._root.parent.rmdir()  # if nothing else is in it


class RemoteArea:
    """A folder of an object store, where an object is seen when all of it is there."""

    def __init__(self, remote: Any, path: str) -> None:
        self._remote = remote
        self._path = path

    def write(self, name: str, data: bytes) -> None:
        """See `StagingArea.write`."""
        path = f"{self._path}/{name}"
        self._remote.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._remote.pipe_file(path, data)

    def read(self, name: str) -> bytes:
        """See `StagingArea.read`."""
        return bytes(self._remote.cat_file(f"{self._path}/{name}"))

    def names(self, folder: str) -> list[str]:
        """See `StagingArea.names`."""
        root = f"{self._path}/{folder}"
        self._remote.invalidate_cache()  # other processes write there
        found = (str(path).strip("/") for path in self._remote.find(root))
        start = root.strip("/") + "/"
        return [path.removeprefix(start) for path in found if path.startswith(start)]

    def remove(self, folder: str) -> None:
        """See `StagingArea.remove`."""
        self._remote.invalidate_cache()
        with suppress(OSError):
            self._remote.rm(f"{self._path}/{folder}".rstrip("/"), recursive=True)
