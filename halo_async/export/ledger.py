"""Rows into the spool and their entry into the journal, in that order, as one step."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from halo_async._utils.threads import run_in_thread
from halo_async.export.fetch import RequestCounts
from halo_async.export.journal import Entry, ExportJournal
from halo_async.export.plan import ExportPlan
from halo_async.export.replay import PastExport
from halo_async.export.spool import Spool

if TYPE_CHECKING:
    from halo_async.export.gathered_columns import GatheredColumns
    from halo_async.pagination.split_rows import RowReader

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
            try:
                await run_in_thread(_sync, spools)
            except BaseException:
                self._spools.update(spools)  # it may have failed
                raise
            self._count_entries(entries)
            await run_in_thread(self._journal.sync)
        finally:
            self._busy = False
            self._last = time.monotonic()

    def flush(self) -> None:
        """Flush everything to disk now.

        :raises OSError: flushing failed.
        """
        if self._journal is not None:
            spools, entries = self._take_entries()
            _sync(spools)
            self._count_entries(entries)
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


class ExportLedger:
    """One resource's part of the journal, and its spool."""

    def __init__(
        self,
        name: str,
        syncer: JournalSyncer,
        spool: Spool,
        counts: RequestCounts,
        tell: Callable[[], None],
        past: PastExport,
        columns: GatheredColumns | None = None,
    ) -> None:
        """`columns`: get the rows, if those of all runs are to be had by this one."""
        self.spool = spool
        self._columns = columns
        if columns is not None:
            columns.lose() if past.rows else columns.clear()
        self.rows = past.rows
        self.repeats = past.repeats
        self.has_all = past.fetched
        """True if all rows were received, so that only the file is to be made."""
        self._name = name
        self._syncer = syncer
        self._counts = counts
        self._tell = tell

    async def begin(self, plan: ExportPlan, at: str, rows: Sequence[bytes] = (), repeats: int = 0) -> None:
        """Record a plan, with the rows received while it was made; earlier content is discarded.

        :param at: time of the first request, ISO 8601.
        :raises OSError: it cannot be written.
        """
        self._discard()
        if self._columns is not None:
            self._columns.clear()
        await self._write_rows({"plan": plan.as_json(), "at": at}, rows, repeats, None)

    async def commit(
        self,
        lane: int,
        state: Any,
        rows: Sequence[bytes],
        repeats: int = 0,
        *,
        read_by: RowReader | None = None,
    ) -> None:
        """Record a page's rows, and the state of its lane after it.

        :param read_by: what read all of them; see `RowPage.read_by`.
        :raises OSError: they cannot be written.
        """
        await self._write_rows({"lane": lane, "state": state}, rows, repeats, read_by)

    async def take(self, lane: int, state: Any, parts: AsyncIterator[bytes], rows: int, repeats: int) -> None:
        """Record the rows of a lane that another process read, as one step, and the state of the lane after them.

        :param parts: the rows, packed as the spool packs them.
        :raises OSError: they cannot be written. Nothing is recorded then.
        """
        crc = await self._append_packed(parts)
        await self._record_taken({"lane": lane, "state": state}, crc, rows, repeats)

    async def take_whole(
        self, plan: ExportPlan, at: str, parts: AsyncIterator[bytes], rows: int, repeats: int
    ) -> None:
        """Record all rows of a list that another process read, as one step; earlier content is discarded.

        :param at: time of the first request, ISO 8601.
        :raises OSError: they cannot be written. Nothing is recorded then.
        """
        self._discard()
        crc = await self._append_packed(parts)
        entry = {"plan": plan.as_json(), "at": at, "fetched": True}
        await self._record_taken(entry, crc, rows, repeats)

    def _discard(self) -> None:
        if self.spool.offset:  # a stop before the next entry leaves rows that no entry describes
            self.again()
            self._syncer.flush()
        self.spool.clear()
        self.rows = self.repeats = 0

    async def _append_packed(self, parts: AsyncIterator[bytes]) -> int:
        if self._columns is not None:
            self._columns.lose()
        start, crc = self.spool.offset, 0
        try:
            async for data in parts:
                crc = await run_in_thread(self.spool.append_packed, data, crc)
        except BaseException:
            self.spool.cut(start)
            raise
        return crc

    async def _record_taken(self, entry: Entry, crc: int, rows: int, repeats: int) -> None:
        self.rows += rows
        self.repeats += repeats
        self._note_rows(entry, crc)
        self.spool.show_tail()
        await self._syncer.breathe()

    async def keep(self, is_kept: Callable[[bytes], bool], plan: ExportPlan, at: str, state: Any) -> bool:
        """Remove other rows; return whether they could be.

        :param at: time of the first request, ISO 8601.
        :param state: the state of the only lane.
        :raises OSError: the others cannot be written.
        """
        chosen = await run_in_thread(self.spool.select, is_kept)
        if chosen is None:
            return False
        if self._columns is not None:
            self._columns.lose()
        self.again()  # a kill before the last entry below leaves a file that no entry describes
        self._syncer.flush()
        self.spool.replace(chosen)
        self.repeats += self.rows - chosen.rows
        self.rows = chosen.rows
        entry = {"plan": plan.as_json(), "at": at, "lane": 0, "state": state}
        self._note_rows(entry, chosen.crc)
        return True

    async def _write_rows(
        self, entry: Entry, rows: Sequence[bytes], repeats: int, read_by: RowReader | None
    ) -> None:
        crc = self.spool.append(rows)
        self.rows += len(rows)
        self.repeats += repeats
        self._note_rows(entry, crc)
        if self._columns is not None:
            await self._columns.add(rows, read_by)
        await self._syncer.breathe()

    def _note_rows(self, entry: Entry, crc: int) -> None:
        self._note_entry(
            {**entry, "end": self.spool.offset, "crc": crc, "rows": self.rows, "repeats": self.repeats}
        )
        self._tell()

    def fetched(self) -> None:
        """Record that all rows are complete and on disk.

        :raises OSError: flushing failed.
        """
        self._note_entry({"fetched": True})
        self._syncer.flush()
        self.has_all = True

    def again(self) -> None:
        """Record that the rows are incomplete: another run starts again.

        :raises OSError: it cannot be written.
        """
        self._note_entry({"again": True})

    def done(self, report: dict[str, Any]) -> None:
        """Record that the resource is complete.

        :raises OSError: it cannot be written.
        """
        self._note_entry({"done": report})

    def close(self) -> None:
        """Close the ledger: nothing more is written."""
        self._syncer.forget(self.spool)
        self.spool.close()

    def _note_entry(self, entry: Entry) -> None:
        self._syncer.note({"resource": self._name, **entry, "counts": self._counts.as_list()}, self.spool)
