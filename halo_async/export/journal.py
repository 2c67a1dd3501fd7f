"""Log of an export, line by line, so that another process can resume it.

An entry is written after its rows. Both are then in the kernel's buffers, which is enough if the process
is killed. For a machine that stops, a `sync` entry follows at intervals: it is written after the data
files, and is itself flushed to disk. Entries after the last of them are accepted only if their checksum
matches.
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
    "Another export is writing into {folder}. Wait until it has finished, or name another folder.",
    "Empty the folder and export again.",
)


class ExportJournal(AppendLog):
    """The journal of the export in a folder."""

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open and lock the journal.

        :raises SettingsError: another export uses it, or it is damaged.
        :raises OSError: it cannot be opened.
        """
        super().__init__(path, KIND, create=create)

    @classmethod
    def begin(cls, folder: Path, header: Mapping[str, Any]) -> Self:
        """Create a journal in a folder, with its header on disk.

        :raises SettingsError: the folder already has a journal.
        :raises OSError: it cannot be written.
        """
        journal = cls(folder / NAME, create=True)
        try:
            if not journal.is_new:
                raise SettingsError(f"Another export started in {folder}. Name another folder.")
            journal.write_header(header)
        except BaseException:
            journal.close()
            raise
        return journal


def read_header(folder: Path) -> Entry | None:
    """Return the first line of the journal in a folder; None if there is none.

    :raises SettingsError: it is damaged.
    :raises OSError: it cannot be read.
    """
    try:
        return next(read_log(folder / NAME, KIND), None)
    except FileNotFoundError:
        return None
