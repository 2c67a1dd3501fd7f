"""Export of one resource: planning, reading, writing, counting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.threads import fold_in_thread, run_in_thread, run_until_stopped
from halo_async.errors import PaginationError
from halo_async.export import children
from halo_async.export.changed_parents import changed_file, listed_ids, read_changed, why_all, write_changed
from halo_async.export.child_job import ChildFile
from halo_async.export.children import CHILDREN, parents_file
from halo_async.export.context import ExportContext
from halo_async.export.failure_reason import sentence
from halo_async.export.fetch import PageFetcher, RequestCounts
from halo_async.export.ledger import ExportLedger
from halo_async.export.merge import bring_up_to_date, deleted_rows, replace_children
from halo_async.export.names import resource_name
from halo_async.export.notes import Notes
from halo_async.export.options import CHANGED_SINCE, leaves_out_inactive
from halo_async.export.plan import ExportMode
from halo_async.export.progress import Progress, State
from halo_async.export.progress_callback import CallbackError
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.export.report import ResourceReport
from halo_async.export.seen_ids import row_id
from halo_async.export.since import LAST, earlier
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.files import PART
from halo_async.export.spool import Spool, codec, lines

WIDTH, HOSTED_WIDTH = 8, 2
"""Requests in flight for one resource: without a limit, and with one."""


class ResourceJob:
    """Single-use export of a resource. Errors are stored for the report; other resources continue."""

    def __init__(self, operation: Operation, setting: ExportContext, past: PastExport) -> None:
        self.name = resource_name(operation)
        self.fetched = anyio.Event()
        """Set when all its rows are received, or it has ended."""
        self.dependents: list[str] = []
        """Lists that are requested by the ids of these rows."""
        self._operation = operation
        self._setting = setting
        self._past = past
        self._child = CHILDREN.get(self.name)
        self._since = setting.stamps.get(self.name)
        self._counts = RequestCounts(*past.counts)
        measurements = setting.halo.transport.options.measurements
        self._fetcher = PageFetcher(
            operation,
            setting.halo.transport,
            self._filters(),
            self._counts,
            measurements=measurements,
            columns=setting.options.needed_columns(self.name),
        )
        self._ledger: ExportLedger | None = None
        self._spool = setting.folder / f"{self.name}.jsonl{setting.options.suffix}{PART}"
        self._reading = self._new_reading()
        self._outcome: SinkOutcome | None = None
        self._merged: dict[str, Any] = {}
        self._stop = Event()
        self._notes = Notes()
        self._state = State.WAITING
        self.error: Exception | None = None
        """The error that stopped it."""
        self._began = self._ended = time.monotonic()
        self._old, self._asked_before = past.rows, past.counts[0]

    async def run(self, parent: ResourceJob | None = None) -> None:
        """Export the resource. Only cancellation and objections are raised."""
        self._began = time.monotonic()
        try:
            await self._export(parent)
        except (asyncio.CancelledError, CallbackError):
            self._stop.set()
            with suppress(CallbackError):
                self._end(State.INTERRUPTED)
            raise
        except PaginationError as error:
            self._begin_anew_next_time()
            self._end(State.INCOMPLETE, error)
        except Exception as error:  # our own bugs, too: they must not stop other resources
            self._end(State.FAILED, error)
        finally:
            self.fetched.set()

    async def _export(self, parent: ResourceJob | None) -> None:
        if self._past.done is not None:
            self._end(State.DONE)
            return
        turns = self._setting.turns
        if parent is not None or turns.available_tokens < 1:
            self._tell()
        if parent is not None:
            await parent.fetched.wait()
        async with turns:
            self._began = time.monotonic()
            await self._have_turn(parent)

    async def _have_turn(self, parent: ResourceJob | None) -> None:
        self._state = State.RUNNING
        self._tell()
        ledger = self._ledger = self._open()
        try:
            if not self._past.fetched:
                await self._read(ledger, self._reading, parent)
                await self._check_against_file(ledger.rows)
                ledger.fetched()
            await self._make()
        finally:
            ledger.close()
        self._end(State.DONE)
        ledger.done(self.report().as_json())

    def _begin_anew_next_time(self) -> None:
        """Parents know where rows are missing; the other ways begin anew, unless all rows are there."""
        plan, ledger = self._reading.plan, self._ledger
        if ledger is None or ledger.has_all:
            return
        if plan is not None and plan.mode is not ExportMode.CHILDREN:
            with suppress(OSError):
                ledger.again()

    def _open(self) -> ExportLedger:
        spool = self._opened()
        return ExportLedger(self.name, self._setting.syncer, spool, self._counts, self._tell, self._past)

    def _opened(self) -> Spool:
        path, setting = self._spool, self._setting
        if setting.make_spool is not None:
            return setting.make_spool(path, 0)
        there = path.stat().st_size if path.exists() else -1
        if self._past.fetched and there < 0:
            return Spool.closed(path)  # renamed already, and stopped before the journal recorded it
        if there < self._past.offset and self._past.plan is not None:
            self._past = PastExport(counts=self._past.counts)  # the rows are missing: start again
            self._reading = self._new_reading()
        return Spool(path, codec(setting.options.codec), self._past.offset)

    def _new_reading(self) -> ResourceReader:
        given = self._setting.options.concurrency
        usual = HOSTED_WIDTH if self._setting.limited else WIDTH
        return ResourceReader(self._fetcher, self._past, concurrency=given or usual, exact=given is not None)

    async def _read(self, ledger: ExportLedger, reading: ResourceReader, parent: ResourceJob | None) -> None:
        if self._child is None or parent is None:
            await reading.run(ledger)
            return
        if self._merging:
            place = ChildFile(self.name, self._child, self._setting, parent.changed_ids)
            if place.path.exists() and await reading.by_changed_parents(ledger, self._child, place):
                return
            reading.forget_plan()
            if parent.is_done:
                await parent.write_parents(self.name)
        path, options = parents_file(self._setting.folder, self.name), self._setting.options
        every = options.since in (None, LAST) and not options.filters.get(self._child.parent)
        await reading.by_parent(ledger, self._child, path, every=every)

    async def _check_against_file(self, rows: int) -> None:
        """Have it confirmed that a file is replaced by less than half of its rows."""
        if self._setting.options.since == LAST and not self._merging:
            before = await self._setting.rows_of_file(self.name)
            if rows * 2 < before:
                await self._reading.confirm_fewer(rows, before)

    # Finishing ------------------------------------------------------------------------------------

    async def _make(self) -> None:
        """Make the file, and the ids for the lists requested by them: those of all rows after a merge."""
        setting = self._setting
        ids = partial(map, row_id)
        rows = partial(lines, self._spool, codec(setting.options.codec))
        if not self._merging:
            for name in self.dependents:
                await self._hand_on(
                    parents_file(setting.folder, name), children.write_parents, lambda: ids(rows())
                )
            self.fetched.set()
            await self._finish(None)
            return
        gone = None if self._child else await self._deleted()
        for name in self.dependents if self._spool.exists() else ():
            write = partial(write_changed, deleted=gone or ())
            await self._hand_on(changed_file(setting.folder, name), write, lambda: ids(rows()))
        await self._finish(gone)
        for name in self.dependents:
            if name not in setting.stamps:
                await self.write_parents(name)

    async def _deleted(self) -> list[int] | None:
        return await deleted_rows(self._fetcher, await self._setting.rows_of_file(self.name))

    @property
    def _merging(self) -> bool:
        """True if the rows are merged into the file of the last run, not put in its place."""
        if self._since is None or self._setting.options.since != LAST:
            return False
        plan = self._reading.plan
        return self._child is None or plan is None or plan.changed

    async def _hand_on(
        self,
        path: Path,
        write: Callable[[Path, Iterable[object]], None],
        ids: Callable[[], Iterable[Id]],
    ) -> None:
        await fold_in_thread(partial(_once, write, path), ids)

    async def write_parents(self, child: str) -> None:
        """Store the ids of all rows of the file, for a list that is requested by them.

        :raises OSError: they cannot be read or written.
        """
        folder, sink = self._setting.folder, self._setting.sink
        await self._hand_on(
            parents_file(folder, child), children.write_parents, lambda: sink.ids(folder, self.name)
        )

    async def changed_ids(self) -> list[Id]:
        """Ask again which rows changed since the last run; return their ids.

        :raises HaloError: they could not be had.
        """
        return await listed_ids(self._fetcher)

    @property
    def is_done(self) -> bool:
        """True if its file is finished."""
        return self._past.done is not None or self._state is State.DONE

    async def _finish(self, deleted: list[int] | None) -> None:
        """:param deleted: the rows that leave the file."""
        setting, self._state = self._setting, State.MAKING
        self._tell()
        material = SinkInput(
            name=self.name,
            folder=setting.folder,
            spool=self._spool,
            codec=codec(setting.options.codec),
            operation=self._operation,
            flatten=setting.options.flatten,
            stop=self._stop,
            notes=self._notes,
            nested=setting.options.nested is None,
            never_as_null=setting.options.never_as_null,
            columns=setting.options.columns.get(self.name, ()),
            hides=setting.options.hides(self.name),
        )
        if self._merging:
            merged, self._outcome = await self._merge(material, deleted)
            gone = None if deleted is None and self._child is None else merged.deleted
            self._merged = {"rows": merged.rows, "distinct_ids": merged.rows, "deleted": gone}
            self._merged["changed"] = 0 if self._ledger is None else self._ledger.rows
        else:
            self._outcome = await run_until_stopped(self._stop, setting.sink.finish, material)

    async def _merge(self, material: SinkInput, deleted: list[int] | None) -> tuple[MergeResult, SinkOutcome]:
        plan = self._reading.plan
        if self._child is None or self._child.key is None or plan is None:
            return await bring_up_to_date(self._setting.sink, material, deleted)
        stored = await run_in_thread(read_changed, changed_file(self._setting.folder, self.name))
        parents = stored.first(plan.parents)
        return await replace_children(self._setting.sink, material, self._child.key, parents)

    def _filters(self) -> tuple[tuple[str, str], ...]:
        own = self._setting.options.filters.get(self.name, ())
        if self._since is None or self._child is not None:
            return own
        measurements = self._setting.halo.transport.options.measurements
        behind = (
            0 if measurements is None else max(0, -measurements.utc_offset)
        )  # a row's date can be as much earlier
        return (*own, (CHANGED_SINCE, earlier(self._since, behind * 60) if behind else self._since))

    # Telling --------------------------------------------------------------------------------------

    def _end(self, state: State, error: Exception | None = None) -> None:
        self._state, self.error, self._ended = state, error, time.monotonic()
        self._tell()

    def _seconds(self) -> float:
        return (self._ended if self._state.over else time.monotonic()) - self._began

    def _tell(self) -> None:
        self._setting.watcher.tell(self.progress)

    def progress(self) -> Progress:
        """Return its progress."""
        rows = self._past.rows if self._ledger is None else self._ledger.rows
        left = self._requests_left(rows)
        return Progress(
            resource=self.name,
            state=self._state,
            rows=rows,
            total=None if self._reading.plan is None else self._reading.plan.total,
            requests=self._counts.requests,
            bytes=self._counts.bytes,
            seconds=self._seconds(),
            remaining=self._setting.halo.statistics().remaining,
            before=self._old,
            parents=self._parents(),
            parents_before=self._asked_before,
            requests_left=left,
            quota_seconds=self._setting.quota_seconds(self.name, left),
        )

    def _requests_left(self, rows: int) -> int | None:
        if self._state.over or self._state is State.MAKING:
            return 0
        plan = self._reading.plan
        return None if plan is None else plan.left(rows, self._counts.requests)

    def _parents(self) -> int | None:
        return plan.parents if (plan := self._reading.plan) and plan.mode is ExportMode.CHILDREN else None

    def report(self) -> ResourceReport:
        """Return its result."""
        if self._past.done is not None:
            return ResourceReport.from_json(self._past.done)
        return attrs.evolve(self._read_report(), **self._made(), **self._merged)

    def _read_report(self) -> ResourceReport:
        ledger, counts, reading = self._ledger, self._counts, self._reading
        plan, tally = reading.plan, reading.tally
        rows = 0 if ledger is None else ledger.rows
        return ResourceReport(
            resource=self.name,
            path=self._operation.path,
            file="" if ledger is None else self._spool.name,
            state=self._state if self._state.over else State.INTERRUPTED,
            rows=rows,
            distinct_ids=rows if tally is None else tally.distinct_ids,
            duplicates_removed=0 if ledger is None else ledger.repeats,
            record_count=None if plan is None else plan.total,
            requests=counts.requests,
            retries=counts.retries,
            answers_429=counts.answers_429,
            bytes=counts.bytes,
            seconds=round(self._seconds(), 3),
            consistency=(ExportMode.UPWARD if plan is None else plan.mode).value,
            ids_ascending=self._ascending(),
            error=None if self.error is None else sentence(self.error),
            error_type=None if self.error is None else type(self.error).__name__,
            least_requests=1 if plan is None else plan.least,
            conditions=() if plan is None else plan.conditions,
            warnings=(*reading.warnings, *self._unasked(), *self._versions(), *self._notes.sentences()),
            since=self._since,
            inactive_left_out=leaves_out_inactive(
                self._operation,
                self._setting.options.filters.get(self.name, ()),
                self._setting.halo.transport.options.measurements,
            ),
            asked_at=reading.asked_at,
            parents=self._parents(),
            parents_asked=self._parents_asked(),
        )

    def _unasked(self) -> list[str]:
        """Return the note that changes were requested but the whole list was read."""
        if self._setting.options.since == LAST and self._setting.options.hides(self.name):
            return [
                "The columns do not include those by which changes are merged, such as id. It was exported whole."
            ]
        if self._setting.options.since in (None, LAST) or self._since is not None:
            return []
        if self._child is not None and self._child.parent in self._setting.stamps:
            return []
        return ["This list cannot be filtered by change. It was exported whole."]

    def _parents_asked(self) -> str | None:
        """Return which parents an incremental run asks for, and why."""
        setting, reading = self._setting, self._reading
        if self._child is None or setting.options.since is None:
            return None
        if setting.options.since != LAST:
            return f"changed since {setting.options.since}" if self._child.parent in setting.stamps else None
        why = why_all(self.name, self._child, setting.options, setting.stamps)
        if why is not None or reading.plan is None:
            return why
        if not reading.plan.changed:
            return f"all: {reading.unexplained}" if reading.unexplained else "all"
        if reading.is_confirmed:
            return f"changed since {self._since}; the rows are as many as the instance counts"
        if reading.plan.total is None:
            return f"changed since {self._since}; the instance does not count the rows of all"
        return f"changed since {self._since}"

    def _versions(self) -> list[str]:
        """Return the note that rows are in the file more than once, since they changed while it was written."""
        plan, tally = self._reading.plan, self._reading.tally
        if self._merging or plan is None or plan.mode is not ExportMode.UPWARD:
            return []
        if tally is None or not tally.versions:
            return []
        return [
            f"Rows with the id of an earlier one: {tally.versions:,}. Those that changed during the export are in "
            "the file in each version, the latest last."
        ]

    def _made(self) -> dict[str, Any]:
        made = self._outcome
        if made is None:
            return {}
        return {
            "file": made.file,
            "columns": made.columns,
            "columns_added": made.added,
            "columns_widened": made.widened,
        }

    def _ascending(self) -> bool | None:
        if not self._fetcher.ordered:
            return None
        tally = self._reading.tally
        return True if tally is None else tally.ascending


def _once(write: Callable[[Path, Iterable[object]], None], path: Path, ids: Iterable[object]) -> None:
    """Write what an earlier run has not written: requests have been made by it."""
    if not path.exists():
        write(path, ids)
