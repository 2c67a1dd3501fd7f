"""The order in which rows and the journal reach the disk: rows first, then the entry that says so."""

from __future__ import annotations

import time
from collections.abc import Sequence

from halo_async._utils.threads import run_in_thread
from halo_async.export.journal import Entry, ExportJournal
from halo_async.export.spool import Spool

EVERY = 0.25
"""Seconds after which written data is flushed to disk."""


class JournalSyncer:
    """Serialized flush of an export's files to disk, followed by a journal entry."""

    def __init__(self, journal: ExportJournal | None, entries: int) -> None:
        self._journal = journal
        self._entries = entries
        self._spools: set[Spool] = set()
        self._last = time.monotonic()
        self._busy = False
        self._underway: list[Spool] = []
        """Those that a thread flushes at the moment."""

    def note(self, entry: Entry, spool: Spool | None = None) -> None:
        """Add an entry.

        :raises OSError: it cannot be written.
        """
        if self._journal is not None:
            self._journal.append(entry)
            self._entries += 1
            if spool is not None:
                self._spools.add(spool)

    async def breathe(self) -> None:
        """Flush due data to disk in a thread.

        :raises OSError: flushing failed.
        """
        if self._journal is None or self._busy or time.monotonic() - self._last < EVERY:
            return
        self._busy = True
        try:
            spools, entries = self._take_entries()
            self._underway = spools
            try:
                await run_in_thread(_sync, spools)
            except BaseException:
                self._spools.update(spools)  # it may have failed
                raise
            self._count_entries(entries)
            await run_in_thread(self._journal.sync)
        finally:
            self._busy, self._underway = False, []
            self._last = time.monotonic()

    def flush(self) -> None:
        """Flush everything to disk now.

        :raises OSError: flushing failed.
        """
        if self._journal is not None:
            spools, entries = self._take_entries()
            _sync([*spools, *self._underway])
            self._count_entries(entries)
            self._journal.sync()

    def write_through(self) -> None:
        """Flush the entries to disk, of which the last ones do not count without a look at the rows.

        :raises OSError: flushing failed.
        """
        if self._journal is not None:
            self._journal.sync()

    def forget(self, spool: Spool) -> None:
        """Exclude the file from flushing: nothing more is written to it."""
        self._spools.discard(spool)

    def _take_entries(self) -> tuple[list[Spool], int]:
        spools, entries = list(self._spools), self._entries
        self._spools.clear()
        return spools, entries

    def _count_entries(self, entries: int) -> None:
        assert self._journal is not None
        self._journal.append({"sync": entries})
        self._entries += 1


def _sync(spools: Sequence[Spool]) -> None:
    for spool in spools:
        spool.sync()
