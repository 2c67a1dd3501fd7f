"""Finishing of a file: on disk under its final name, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from halo_async._utils.own_file import sync_folder

PART = ".part"


def part_of(path: Path) -> Path:
    """Return the name of a file while it is being written."""
    return path.with_name(path.name + PART)


def hidden_part(path: Path) -> Path:
    """Return the temporary name of a file that will replace an existing one."""
    return part_of(path.with_name(f".{path.name}.merged"))


def finish(part: Path, final: Path) -> None:
    """Rename a finished file to its final name, once it is on disk.

    :raises OSError: it cannot be flushed or renamed.
    """
    sync_file(part)
    part.replace(final)
    sync_folder(final.parent)


def sync_file(path: Path) -> None:
    """Flush a file to disk.

    :raises OSError: it cannot be flushed.
    """
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
