"""The rows of an earlier run, as far as its journal describes them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from halo_async._utils.own_file import open_own_file, sync_folder
from halo_async.errors import SettingsError
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.replay import PastExport
from halo_async.export.spool import Spool, SpoolCodec


def reopened(
    name: str, path: Path, codec: SpoolCodec, past: PastExport, syncer: JournalSyncer
) -> tuple[Spool, PastExport]:
    """Return a resource's spool, and what of the earlier run holds: nothing where rows are missing.

    :raises OSError: it cannot be opened.
    """
    there = path.stat().st_size if path.exists() else -1
    if past.fetched and there < 0:
        return Spool.closed(path), past  # renamed already, and stopped before the journal recorded it
    if there < past.offset and past.plan is not None:
        past = PastExport(counts=past.counts)
        # Else other rows could be taken for those that the journal knows.
        syncer.note({"resource": name, "again": True})
        syncer.flush()
    return Spool(path, codec, past.offset), past


def flush_spools(paths: Iterable[Path]) -> None:
    """Flush the rows of an earlier run to disk, before the journal says that they are there.

    :raises OSError: flushing failed.
    """
    folders: set[Path] = set()
    for path in paths:
        try:
            fd = open_own_file(path, os.O_RDWR)
        except (OSError, SettingsError):
            continue  # none, or one that the resource cannot open either
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)  # the names of the files
