"""What an export has done, line by line, so that another process can go on from there.

An entry is written after its rows. Both are in the kernel's hands then, which is enough for a process that
is killed. For a machine that stops, a `sync` entry follows from time to time: it is written after the data
files, and is itself forced to disk. What comes after the last of them is believed only if its checksum fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from halo_async._utils.append_log import AppendLog, LogKind, read_log
from halo_async._utils.append_log import Entry as Entry
from halo_async.errors import SettingsError

NAME = ".halo-export.journal"
KIND = LogKind(
    "the journal of an export",
    b'{"halo-export":',
    "another export is writing into {folder}: wait for its end, or name another folder",
    "Empty the folder and export again.",
)


class ExportJournal(AppendLog):
    """The journal of the export in a folder."""

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open and lock it.

        :raises SettingsError: another export has it, or it is damaged.
        :raises OSError: it cannot be opened.
        """
        super().__init__(path, KIND, create=create)

    @classmethod
    def begin(cls, folder: Path, header: Mapping[str, Any]) -> Self:
        """A new journal in a folder, its header on disk.

        :raises SettingsError: there is one already.
        :raises OSError: it cannot be written.
        """
        journal = cls(folder / NAME, create=True)
        try:
            if not journal.is_new:
                raise SettingsError(f"another export began in {folder}: name another folder")
            journal.write_header(header)
        except BaseException:
            journal.close()
            raise
        return journal


def read_header(folder: Path) -> Entry | None:
    """The first line of the journal in a folder; None where there is none.

    :raises SettingsError: it is damaged.
    :raises OSError: it cannot be read.
    """
    try:
        return next(read_log(folder / NAME, KIND), None)
    except FileNotFoundError:
        return None
