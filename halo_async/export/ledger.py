"""Rows into the spool and their entry into the journal, in that order, as one step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from halo_async._utils.threads import run_in_thread
from halo_async.export.fetch import RequestCounts
from halo_async.export.journal import Entry
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.older_rows import Identify, OlderRows
from halo_async.export.plan import ExportPlan
from halo_async.export.replay import PastExport
from halo_async.export.seen_ids import RowId
from halo_async.export.shown_rows import ShownRows
from halo_async.export.spool import SelectedRows, Spool

if TYPE_CHECKING:
    from halo_async.export.gathered_columns import GatheredColumns
    from halo_async.pagination.split_rows import RowReader

TAKEN = "taken"
"""State of a list whose rows were all taken from another process."""


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
        *,
        shown: ShownRows | None = None,
    ) -> None:
        """`columns`: get the rows, if those of all runs are to be had by this one.

        `shown`: has the rows that the journal must not forget.
        """
        self.spool = spool
        self._columns = columns
        if columns is not None:
            columns.lose() if past.rows else columns.clear()
        self._shown = shown
        self.older = past.older
        """Rows of readings that were given up, at the beginning of the file: each was there."""
        self.rows = past.rows
        self.repeats = past.repeats
        self.has_all = past.fetched
        """True if all rows were received, so that only the file is to be made."""
        self._plan: Entry = {} if past.plan is None else {"plan": past.plan.as_json(), "at": past.asked_at}
        self._states = dict(past.lanes)
        self._name = name
        self._syncer = syncer
        self._counts = counts
        self._tell = tell

    async def begin(self, plan: ExportPlan, at: str, rows: Sequence[bytes] = (), repeats: int = 0) -> None:
        """Record a plan, with the rows received while it was made; rows that were there stay until `merge_older`.

        :param at: time of the first request, ISO 8601.
        :raises OSError: it cannot be written.
        """
        older = self._begin_again()
        if self._columns is not None:
            self._columns.clear()
        self._plan, self._states = {"plan": plan.as_json(), "at": at}, {}
        await self._write_rows({**self._plan, **older}, rows, repeats, None)

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
        self._states[lane] = state
        await self._write_rows({"lane": lane, "state": state}, rows, repeats, read_by)

    async def add(self, rows: Sequence[bytes]) -> None:
        """Record rows that came beside the pages of the lanes.

        :raises OSError: they cannot be written.
        """
        await self._write_rows({}, rows, 0, None)

    async def take(self, lane: int, state: Any, parts: AsyncIterator[bytes], rows: int, repeats: int) -> None:
        """Record the rows of a lane that another process read, as one step, and the state of the lane after them.

        :param parts: the rows, packed as the spool packs them.
        :raises OSError: they cannot be written. Nothing is recorded then.
        """
        crc = await self._append_packed(parts)
        self._states[lane] = state
        await self._record_taken({"lane": lane, "state": state}, crc, rows, repeats)

    async def take_whole(
        self, plan: ExportPlan, at: str, parts: AsyncIterator[bytes], rows: int, repeats: int
    ) -> None:
        """Record all rows of a list that another process read, as one step; see `begin`.

        :param at: time of the first request, ISO 8601.
        :raises OSError: they cannot be written. Nothing is recorded then.
        """
        older = self._begin_again()
        crc = await self._append_packed(parts)
        self._plan, self._states = {"plan": plan.as_json(), "at": at}, {0: TAKEN}
        await self._record_taken({**self._plan, **older, "lane": 0, "state": TAKEN}, crc, rows, repeats)

    def _begin_again(self) -> Entry:
        """Return what the journal has to say of rows that stay: each was there, even if it is shown no more."""
        self.spool.begin_again()
        self.older += self.rows
        self.rows = self.repeats = 0
        return {"older": self.older, "start": self.spool.offset} if self.older else {}

    async def merge_older(self, identify: Identify) -> list[RowId]:
        """Keep those rows of readings before this one that this one lacks; return what identifies them.

        :raises OSError: they cannot be written.
        """
        if not self.older:
            return []
        older = OlderRows(self.older, identify)
        chosen = await run_in_thread(older.select, self.spool)
        if chosen is not None:
            self.older = 0
            self._replace(
                chosen, {**self._plan, "lanes": [[lane, state] for lane, state in self._states.items()]}
            )
        return older.kept

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
        self.repeats += self.rows - chosen.rows
        self._plan, self._states[0] = {"plan": plan.as_json(), "at": at}, state
        self._replace(chosen, {**self._plan, "lane": 0, "state": state})
        return True

    def _replace(self, chosen: SelectedRows, entry: Entry) -> None:
        if self._columns is not None:
            self._columns.lose()
        self.spool.sync()
        self._syncer.flush()
        # Until they are there, this entry does not fit the file: then those before it hold.
        self.rows = chosen.rows
        self._note_rows(entry, chosen.crc, chosen.size)
        self._syncer.write_through()
        try:
            self.spool.replace(chosen)
        except OSError:
            self.again()
            raise

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

    def _note_rows(self, entry: Entry, crc: int, end: int | None = None) -> None:
        aside = None if self._shown is None else self._shown.unrecorded()
        self._note_entry(
            {
                **entry,
                **({"aside": aside} if aside else {}),
                "end": self.spool.offset if end is None else end,
                "crc": crc,
                "rows": self.rows,
                "repeats": self.repeats,
            }
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
