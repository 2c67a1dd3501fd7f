"""Files with secrets: read only if nobody else could have read or planted them, replaced atomically."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from errno import ENOTDIR
from pathlib import Path

from halo_async._utils.file_lock import lock
from halo_async._utils.own_file import open_own_file, sync_folder, write_whole
from halo_async.errors import SettingsError

_POSIX = os.name == "posix"
_OWN_SUFFIXES = (".token", ".lock", ".new")
_ROOM = 32 * 1024
"""Bytes that a stored login takes at most, unless its tokens are unusually long."""


def read_private(path: Path) -> bytes | None:
    """Return the content of a file with secrets; None if there is no file.

    :raises SettingsError: it is not a file, is accessible to others, or others can change its folder.
    """
    fd = open_file(path)
    if fd is None:
        return None
    with os.fdopen(fd, "rb") as file:
        _check_file(path, os.fstat(fd))
        check_folder(path.parent)
        return file.read(1_000_000)


def write_private(path: Path, text: bytes, check: Callable[[], object] | None = None) -> None:
    """Replace a file atomically; the file, and its folder if it is created, are private to their owner.

    :param check: called once the new file is on the disk; nothing is replaced if it raises.
    :raises SettingsError: others can change its folder.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")  # created with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if check is not None:
            check()
        os.replace(name, path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def open_file(path: Path, flags: int = os.O_RDONLY) -> int | None:
    """Open a file by descriptor, following no symbolic link; None if there is no file.

    :raises SettingsError: see `open_own_file`.
    """
    try:
        return open_own_file(path, flags, 0o600)
    except FileNotFoundError:
        return None


def check_folder(folder: Path) -> None:
    """Check that others cannot replace our login with another one.

    :raises SettingsError: the folder belongs to another user, or others can change its content.
    """
    if not _POSIX:
        return
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise SettingsError(f"The folder {folder} belongs to another user. Name a folder of your own.")
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise SettingsError(f"The folder {folder} can be changed by others. Run chmod go-w on it.")


def make_own_folder(folder: Path) -> None:
    """Create a folder for logins alone, or make it private if it exists.

    :raises SettingsError: it belongs to another user, or contains other things.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(folder)) from error
    if not _POSIX:
        return
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise SettingsError(f"The folder {folder} belongs to another user. Name a folder of your own.")
    if not found.st_mode & 0o077:
        return
    if any(path.suffix not in _OWN_SUFFIXES for path in folder.iterdir()):
        raise SettingsError(
            f"The folder {folder} is open to others and holds more than logins. Run chmod 700 on it, or name"
            " a folder of its own."
        )
    folder.chmod(0o700)


def _check_file(path: Path, found: os.stat_result) -> None:
    if not _POSIX:
        return
    if found.st_mode & 0o077:
        raise SettingsError(
            f"{path} can be read by others or changed by them. Run chmod 600 on it, or delete it and log in again."
        )


class FileLock:
    """A lock that is released when the process exits, for any reason. Its file is deleted on release."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    @classmethod
    def take_with_room(cls, path: Path) -> FileLock | None:
        """See `take` and `reserve`: for what is lost if it cannot be stored under the lock."""
        taken = cls.take(path)
        if taken is not None:
            taken.reserve()
        return taken

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """Return the lock; None while another holder, in this process or another, has it.

        :raises SettingsError: the file belongs to another user, or is not a file.
        """
        fd = open_file(path, os.O_RDWR | os.O_CREAT)
        if fd is None:
            raise SettingsError(f"The folder of {path} does not exist. Create it.")
        taken = cls(path, fd)
        if lock(fd) and taken._is_in_place():
            return taken
        taken._close_file()
        return None

    def reserve(self) -> None:
        """Check that there is room for a login beside the lock, before a refresh token is used up.

        :raises OSError: there is none; the lock is released.
        """
        try:
            os.lseek(self._fd, 0, os.SEEK_SET)
            write_whole(self._fd, bytes(_ROOM))
            os.fsync(self._fd)
            os.ftruncate(self._fd, 0)
        except OSError as error:
            error.filename = str(self._path.parent)
            self.let_go()
            raise

    async def release(self) -> None:
        """Release the lock."""
        self.let_go()

    def let_go(self) -> None:
        """Release the lock, also where nothing can be awaited."""
        if self._fd >= 0:
            with suppress(OSError):  # on Windows it remains while another process has it open
                self._path.unlink()
            self._close_file()

    def _is_in_place(self) -> bool:
        """Check that the previous holder has not deleted the opened file: such a lock excludes nobody."""
        try:
            there = self._path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._fd))

    def _close_file(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self._close_file()
