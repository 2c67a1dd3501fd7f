"""Atomic replacement of a package: it is written beside, then swapped for the old one in one step."""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from halo_generator import emit
from halo_generator.errors import OutputError

_MARK = ".halo-generator"
"""File in a scratch folder, locked by the run that it belongs to."""
_EXCHANGE = 2
_AT_WORKING_FOLDER = -100


def replace_package(out: Path, found: dict[str, str]) -> None:
    """Write ``found`` as the folder ``out``. The old content stays in place until the new one is complete.

    :raises OutputError: the folder cannot be written; then ``out`` is unchanged.
    """
    with _explain_errors(out):
        out = out.resolve()
        if out.is_mount():
            raise OutputError(
                f"{out} is a mount point, which cannot be replaced as a whole. Name a folder in it."
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(out) as fresh:
            emit.write(fresh, found)
            _take_place(fresh, out)


def replace_folders(out: Path, found: dict[str, str], folders: tuple[str, ...]) -> None:
    """Write ``found``, and replace the folders of the same names in ``out``.

    :raises OutputError: a folder cannot be written; until all of them are, ``out`` is unchanged.
    """
    with _explain_errors(out):
        out = out.resolve()
        out.mkdir(parents=True, exist_ok=True)
        with _scratch(out) as fresh:
            emit.write(fresh, found)
            for name in folders:
                (out / name).parent.mkdir(exist_ok=True)
                _take_place(fresh / name, out / name)


@contextmanager
def _explain_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """Yield a new folder beside ``out``, deleted at the end. Those of killed runs are deleted before."""
    prefix = f".{out.name}.new-"
    _remove_leftovers(out, prefix)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=prefix) as scratch, _marked(Path(scratch)):
        fresh = Path(scratch) / out.name
        fresh.mkdir()
        yield fresh


@contextmanager
def _marked(scratch: Path) -> Iterator[None]:
    """Hold a lock in the folder while the process lives: what nobody holds is a killed run's."""
    with (scratch / _MARK).open("w") as mark:
        _lock(mark, wait=True)
        mark.write("This folder belongs to a run of halo-async-generator.")
        mark.flush()
        yield


def _remove_leftovers(out: Path, prefix: str) -> None:
    """Remove folders of killed runs: with our mark, which nobody holds, and nothing in them but what we write.

    One with the old content, moved away while the system could not exchange folders, is left to its owner.
    """
    for left in out.parent.glob(f"{glob.escape(prefix)}*"):
        with suppress(OSError):
            ours = not left.is_symlink() and set(os.listdir(left)) == {_MARK, out.name}
            if ours and _is_nobodys(left / _MARK) and not any((left / out.name).glob("*.old")):
                shutil.rmtree(left, ignore_errors=True)


def _is_nobodys(path: Path) -> bool:
    with path.open("r+") as mark:
        return _lock(mark, wait=False) and bool(mark.read())  # an empty one is being made


def _lock(mark: TextIO, *, wait: bool) -> bool:
    """Return whether this process has the lock of a file; False where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(mark, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _take_place(fresh: Path, out: Path) -> None:
    """Move ``fresh`` to ``out``, and ``out``, if it exists, to ``fresh``."""
    if not out.exists():
        fresh.rename(out)
        return
    shutil.copymode(out, fresh)
    if not _exchange(fresh, out):
        old = fresh.with_name(f"{fresh.name}.old")
        out.rename(old)
        try:
            fresh.rename(out)
        except OSError:
            old.rename(out)
            raise


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, if the system supports it."""
    try:
        rename = _renaming()
        return rename is not None and rename(os.fsencode(one), os.fsencode(other)) == 0
    except (AttributeError, OSError):
        return False


def _renaming() -> Callable[[bytes, bytes], int] | None:
    system = str(sys.platform)  # type checkers would only check the branch of their own system
    if system == "linux":
        renameat2 = ctypes.CDLL(None).renameat2
        return lambda one, other: int(
            renameat2(_AT_WORKING_FOLDER, one, _AT_WORKING_FOLDER, other, _EXCHANGE)
        )
    if system == "darwin":
        renamex_np = ctypes.CDLL(None).renamex_np
        return lambda one, other: int(renamex_np(one, other, _EXCHANGE))
    return None
