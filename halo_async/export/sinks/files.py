"""Finishing a file: on the disk under its final name, or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

PART = ".part"


def part_of(path: Path) -> Path:
    """The name of a file while it is being written."""
    return path.with_name(path.name + PART)


def hidden_part(path: Path) -> Path:
    """The name of a file that will take the place of one that is there."""
    return part_of(path.with_name(f".{path.name}.merged"))


def finish(part: Path, final: Path) -> None:
    """Give a finished file its name, once it is on the disk.

    :raises OSError: that is impossible.
    """
    fd = os.open(part, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    part.replace(final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system has a way to."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # Windows opens no folders
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
