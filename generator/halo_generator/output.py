"""Atomic replacement of a package: it is written beside, then swapped for the old one in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from halo_generator import emit
from halo_generator.errors import OutputError

_EXCHANGE = 2
_AT_WORKING_FOLDER = -100


def replace_package(out: Path, found: dict[str, str]) -> None:
    """Write ``found`` as the folder ``out``. The old content stays in place until the new one is complete.

    :raises OutputError: the folder cannot be written; then ``out`` is unchanged.
    """
    with _told(out):
        out = out.resolve()
        if out.is_mount():
            raise OutputError(f"{out} is a mount point, which cannot be replaced whole; name a folder in it.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(out) as fresh:
            emit.write(fresh, found)
            _take_place(fresh, out)


def replace_folders(out: Path, found: dict[str, str], folders: tuple[str, ...]) -> None:
    """Write ``found``, and replace the folders of the same names in ``out``.

    :raises OutputError: a folder cannot be written; until all of them are, ``out`` is unchanged.
    """
    with _told(out):
        out = out.resolve()
        out.mkdir(parents=True, exist_ok=True)
        with _scratch(out) as fresh:
            emit.write(fresh, found)
            for name in folders:
                _take_place(fresh / name, out / name)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """Yield a new folder beside ``out``, deleted at the end. A killed run's can be deleted by hand."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.new-") as scratch:
        fresh = Path(scratch) / out.name
        fresh.mkdir()
        yield fresh


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
