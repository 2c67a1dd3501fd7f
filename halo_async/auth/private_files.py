"""Files that hold secrets: read only where nobody else could have read or planted them, replaced as a whole."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from errno import ENOTDIR
from pathlib import Path

from halo_async._utils.file_lock import lock
from halo_async.errors import SettingsError

_POSIX = os.name == "posix"
_SAFELY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in its place would keep us waiting
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_OWN_SUFFIXES = (".token", ".lock", ".new")


def read_private(path: Path) -> bytes | None:
    """Return the content of a file with secrets; None if there is no file.

    :raises SettingsError: it is not a file, or is not its owner's alone, or others can change its folder.
    """
    fd = open_file(path)
    if fd is None:
        return None
    with os.fdopen(fd, "rb") as file:
        _check_file(path, os.fstat(fd))
        check_folder(path.parent)
        return file.read(1_000_000)


def write_private(path: Path, text: bytes) -> None:
    """Replace a file as a whole; its folder, where it has to be made, and the file are its owner's alone.

    :raises SettingsError: others can change its folder.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def open_file(path: Path, flags: int = os.O_RDONLY) -> int | None:
    """Open a file by descriptor, following no symbolic link; None if there is no file.

    :raises SettingsError: something else than a file is there.
    """
    if path.is_symlink():
        raise SettingsError(f"{path} is a symbolic link. Delete it, or name the file that it leads to.")
    try:
        fd = os.open(path, flags | _SAFELY, 0o600)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise SettingsError(f"{path} is not a file. Move it away, or name another place.")
    return fd


def check_folder(folder: Path) -> None:
    """Others must not be able to put another login in place of ours.

    :raises SettingsError: the folder belongs to another user, or others can change what is in it.
    """
    if not _POSIX:
        return
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise SettingsError(f"The folder {folder} belongs to another user. Name a folder of your own.")
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise SettingsError(f"The folder {folder} can be changed by others. Run chmod go-w on it.")


def make_own_folder(folder: Path) -> None:
    """Make a folder that is for logins alone private, whether it is there or not.

    :raises SettingsError: it cannot be, since it belongs to another user or other things are in it.
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
    if found.st_uid != os.geteuid():
        raise SettingsError(f"{path} belongs to another user. Delete it, or name a file of your own.")
    if found.st_mode & 0o077:
        raise SettingsError(
            f"{path} can be read by others or changed by them. Run chmod 600 on it, or delete it and log in again."
        )


class FileLock:
    """A lock that goes with the process, however that ends. Its file goes with the lock."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """Return the lock; None while somebody else, in this process or another, has it.

        :raises SettingsError: the file is not ours, or not a file.
        """
        fd = open_file(path, os.O_RDWR | os.O_CREAT)
        if fd is None:
            raise SettingsError(f"The folder of {path} does not exist. Make it.")
        taken = cls(path, fd)
        if _POSIX and os.fstat(fd).st_uid != os.geteuid():
            raise SettingsError(f"{path} belongs to another user. Delete it, or name a folder of your own.")
        if lock(fd) and taken._is_in_place():
            return taken
        taken._close()
        return None

    async def release(self) -> None:
        """Let others have it."""
        if self._fd >= 0:
            with suppress(OSError):  # on Windows it stays while somebody else looks at it
                self._path.unlink()
            self._close()

    def _is_in_place(self) -> bool:
        """Who had it before may have deleted the file that we opened: a lock on that holds nobody off."""
        try:
            there = self._path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._fd))

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self._close()
