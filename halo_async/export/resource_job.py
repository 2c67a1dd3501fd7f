"""Export of one resource: planning, reading, writing, counting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from halo_async._utils.since import LAST
from halo_async._utils.threads import fold_in_thread, run_in_thread, run_until_stopped
from halo_async.errors import PaginationError
from halo_async.export import children
from halo_async.export.changed_parents import changed_file, listed_ids, read_changed, write_changed
from halo_async.export.child_job import ChildFile
from halo_async.export.children import parents_file
from halo_async.export.following import Follower
from halo_async.export.ledger import ExportLedger
from halo_async.export.merge import bring_up_to_date, deleted_rows, replace_children
from halo_async.export.plan import ExportMode
from halo_async.export.progress import State
from halo_async.export.progress_callback import CallbackError
from halo_async.export.reader import ResourceReader
from halo_async.export.reopen import reopened
from halo_async.export.resource_state import ResourceState
from halo_async.export.seen_ids import row_id
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.spool import ReaderClosedError, Spool, codec, lines

if TYPE_CHECKING:
    from halo_async.export.gathered_columns import GatheredColumns


class ResourceJob(ResourceState):
    """Single-use export of a resource. Errors are stored for the report; other resources continue."""

    async def run(self, parent: ResourceJob | None = None) -> None:
        """Export the resource. Only cancellation and objections are raised."""
        self._began = time.monotonic()
        try:
            await self._export_resource(parent)
        except (asyncio.CancelledError, CallbackError):
            self._stop.set()
            with suppress(CallbackError):
                self._set_state(State.INTERRUPTED)
            raise
        except PaginationError as error:
            self._begin_anew_next_time()
            self._set_state(State.INCOMPLETE, error)
        except ReaderClosedError as error:
            self._set_state(State.INTERRUPTED, error)
        except Exception as error:  # our own bugs, too: they must not stop other resources
            self._set_state(State.FAILED, error)
        finally:
            self.fetched.set()

    async def _export_resource(self, parent: ResourceJob | None) -> None:
        if self._past.done is not None:
            self._set_state(State.DONE)
            return
        turns = self._setting.turns
        if parent is not None or turns.available_tokens < 1:
            self._tell_watcher()
        if parent is not None:
            await parent.fetched.wait()
        async with turns:
            self._began = time.monotonic()
            await self._have_turn(parent)

    async def _have_turn(self, parent: ResourceJob | None) -> None:
        self._state = State.RUNNING
        self._tell_watcher()
        ledger = self._ledger = self._open_ledger()
        try:
            if self._past.fetched:
                await self._make(None)
            else:
                await self._read_and_make(ledger, parent)
        finally:
            ledger.close()
        self._set_state(State.DONE)
        ledger.done(self.report().as_json())

    async def _read_and_make(self, ledger: ExportLedger, parent: ResourceJob | None) -> None:
        async with AsyncExitStack() as stack:
            follower = None
            is_scanned = self._gathered is not None and self._gathered.scan is not None
            # Else it may be a merge.
            if not is_scanned and (self._since is None or self._setting.options.since != LAST):
                places = self._setting.followers
                follower = Follower(self._setting.sink, self._material(), ledger.spool, places)
                await stack.enter_async_context(follower)
            await self._read_rows(ledger, self._reading, parent)
            await self._check_against_file(ledger)
            ledger.fetched()
            await self._make(follower)

    def _begin_anew_next_time(self) -> None:
        """Parents know where rows are missing; the other ways begin anew, unless all rows are there."""
        plan, ledger = self._reading.plan, self._ledger
        if ledger is None or ledger.has_all:
            return
        if plan is not None and plan.mode is not ExportMode.CHILDREN:
            with suppress(OSError):
                ledger.again()

    def _open_ledger(self) -> ExportLedger:
        spool, setting = self._opened(), self._setting
        columns = self._fetcher.gathered = self._gathered = self._columns_of_rows()
        return ExportLedger(
            self.name,
            setting.syncer,
            spool,
            self._counts,
            self._tell_watcher,
            self._past,
            columns,
            shown=self._fetcher.shown,
        )

    def _columns_of_rows(self) -> GatheredColumns | None:
        """Return what finds columns while rows are gathered; None where the file needs none, or has other rows too."""
        material, setting = self._material(), self._setting
        is_whole = not material.is_chosen_from and setting.options.since != LAST
        if not (setting.sink.scans and is_whole) or self._lanes is not None:
            return None
        from halo_async.export.gathered_columns import GatheredColumns
        from halo_async.export.sinks.row_schema import scan_of

        return GatheredColumns(partial(scan_of, material))

    def _opened(self) -> Spool:
        path, setting = self._spool, self._setting
        if setting.make_spool is not None:
            return setting.make_spool(path, 0)
        packing = codec(setting.options.codec)
        spool, past = reopened(self.name, path, packing, self._past, setting.syncer)
        if past is not self._past:
            self._past = past
            self._reading = self._new_reading()
        return spool

    async def _read_rows(
        self, ledger: ExportLedger, reading: ResourceReader, parent: ResourceJob | None
    ) -> None:
        if self._child is None or parent is None:
            await reading.run(ledger)
            return
        if self._merging:
            place = ChildFile(self.name, self._child, self._setting, parent.changed_ids)
            if place.path.exists() and await reading.by_changed_parents(ledger, self._child, place):
                return
            if parent.is_done:
                await parent.write_parents(self.name)
        path, options = parents_file(self._setting.folder, self.name), self._setting.options
        every = options.since in (None, LAST) and not options.filters.get(self._child.parent)
        await reading.by_parent(ledger, self._child, path, every=every)

    async def _check_against_file(self, ledger: ExportLedger) -> None:
        """Have it confirmed that a file is replaced by less than half of its rows."""
        if self._setting.options.since == LAST and not self._merging:
            before = await self._setting.rows_of_file(self.name)
            if ledger.rows * 2 < before:
                await self._reading.confirm_fewer(ledger, before)

    # Finishing ------------------------------------------------------------------------------------

    async def _make(self, follower: Follower | None) -> None:
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
            await self._finish(None, follower)
            return
        gone = None if self._child else await self._deleted()
        for name in self.dependents if self._spool.exists() else ():
            write = partial(write_changed, deleted=gone or ())
            await self._hand_on(changed_file(setting.folder, name), write, lambda: ids(rows()))
        await self._finish(gone, None)
        for name in self.dependents:
            if name not in setting.stamps:
                await self.write_parents(name)

    async def _deleted(self) -> list[int] | None:
        return await deleted_rows(self._fetcher, await self._setting.rows_of_file(self.name))

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

    def _material(self) -> SinkInput:
        setting = self._setting
        return SinkInput(
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
            scan=None if self._gathered is None else self._gathered.scan,
        )

    async def _finish(self, deleted: list[int] | None, follower: Follower | None) -> None:
        """`deleted`: the rows that leave the file; `follower`: may have made it already."""
        material, self._state = self._material(), State.MAKING
        self._tell_watcher()
        if self._merging:
            merged, self._outcome = await self._merge(material, deleted)
            gone = None if deleted is None and self._child is None else merged.deleted
            self._merged = {"rows": merged.rows, "distinct_ids": merged.rows, "deleted": gone}
            self._merged["changed"] = 0 if self._ledger is None else self._ledger.rows
            return
        self._outcome = None if follower is None else await follower.outcome()
        if follower is not None and self._outcome is not None:
            self._notes = follower.notes
        else:
            self._outcome = await run_until_stopped(self._stop, self._setting.sink.finish, material)

    async def _merge(self, material: SinkInput, deleted: list[int] | None) -> tuple[MergeResult, SinkOutcome]:
        plan = self._reading.plan
        if self._child is None or self._child.key is None or plan is None:
            return await bring_up_to_date(self._setting.sink, material, deleted)
        stored = await run_in_thread(read_changed, changed_file(self._setting.folder, self.name))
        parents = stored.first(plan.parents)
        return await replace_children(self._setting.sink, material, self._child.key, parents)


def _once(write: Callable[[Path, Iterable[object]], None], path: Path, ids: Iterable[object]) -> None:
    """Write what an earlier run has not written: requests have been made by it."""
    if not path.exists():
        write(path, ids)
