"""Files that only this user can have created: no links, no pipes, no files of other users."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from halo_async.errors import SettingsError

_PLAIN = (
    getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe would block until its other end is opened
    | getattr(os, "O_NOCTTY", 0)
)
_NOT_SUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""Errors of file systems that cannot flush a folder, such as some of a network."""
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISDIR, "a folder"),
)


def open_own_file(path: str | os.PathLike[str], flags: int, mode: int = 0o666) -> int:
    """Open a regular file as `os.open` does, rejecting one that another user may have planted.

    With `O_CREAT` a missing file is created exclusively; with `O_EXCL` too, an existing one is an error.

    :raises FileExistsError: the file exists and `O_EXCL` was given.
    :raises SettingsError: the path is a link, is not a regular file, has a second name, or belongs to
        another user.
    :raises OSError: the file cannot be opened.
    """
    while flags & os.O_CREAT:
        try:
            return _open_file(path, flags | os.O_EXCL, mode)
        except FileExistsError:
            if flags & os.O_EXCL:
                raise
        try:
            return _open_existing(path, flags & ~os.O_CREAT, mode)
        except FileNotFoundError:
            continue  # deleted in between, as locks are: the next turn creates it
    return _open_existing(path, flags, mode)


def _open_existing(path: str | os.PathLike[str], flags: int, mode: int) -> int:
    fd = _open_file(path, flags, mode)
    try:
        _check_owner(path, os.fstat(fd))
    except BaseException:
        os.close(fd)
        raise
    return fd


def _open_file(path: str | os.PathLike[str], flags: int, mode: int) -> int:
    if not (hasattr(os, "O_NOFOLLOW") or flags & os.O_EXCL) and os.path.islink(path):
        _check_kind(path, os.lstat(path))
    try:
        return os.open(path, flags | _PLAIN, mode)
    except FileExistsError:
        raise
    except OSError:
        with suppress(OSError):
            _check_kind(path, os.lstat(path))  # more specific than the system's error
        raise


def _check_kind(path: object, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for test, name in _KINDS if test(found.st_mode)), "a device")
        mend = "Give another path" if stat.S_ISDIR(found.st_mode) else "Remove it, or give another path"
        raise SettingsError(f"{path} is {kind}, not a file. {mend}.")


def _check_owner(path: object, found: os.stat_result) -> None:
    _check_kind(path, found)
    if found.st_nlink > 1:
        raise SettingsError(f"{path} has another name too (a hard link). Copy it, and use the copy.")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise SettingsError(f"{path} belongs to another user. Give a path of your own.")


def write_whole(fd: int, data: bytes) -> None:
    """Write all of `data` at the file's position, repeating partial writes.

    :raises OSError: not all of it can be written; some of it may have been.
    """
    rest = memoryview(data)
    while rest:
        taken = os.write(fd, rest)
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[taken:]


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to disk, where the system supports it.

    :raises OSError: the disk failed, so a new name may be lost when the machine stops.
    """
    if os.name == "nt":
        return  # Windows cannot open folders
    try:
        fd = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # files may be created in a folder that may not be listed
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
    finally:
        os.close(fd)
