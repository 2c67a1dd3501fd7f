"""Bulk writes: a few batches in flight at once, a result for every row, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any

from anyio import create_memory_object_stream

from halo_async._utils.loop_turns import TurnBudget
from halo_async._utils.task_groups import OpenGroup
from halo_async.errors import BulkWriteError, SettingsError
from halo_async.writing.batch import BulkBatch, checked
from halo_async.writing.files import BulkFiles
from halo_async.writing.options import BulkOptions
from halo_async.writing.outcome import is_outage, outcome_for_all
from halo_async.writing.result import RowResult
from halo_async.writing.rows import BulkRow
from halo_async.writing.source import BulkSource

OUTAGE = 3
"""Consecutive batches without a response after which the bulk write stops."""


def bulk_write(
    resource: Any, rows: Iterable[Any] | AsyncIterable[Any], **options: Any
) -> AsyncGenerator[RowResult[Any], None]:
    """See `Writable.bulk_upsert`. Invalid options raise here, before the first row is read."""
    return BulkWriter(resource, rows, BulkOptions(**options)).results()


_News = BulkBatch | list[BulkRow] | BaseException
"""A batch that is done, one that was read, or why none can be."""


class BulkWriter:
    """One bulk write, used once."""

    def __init__(self, resource: Any, rows: Iterable[Any] | AsyncIterable[Any], options: BulkOptions) -> None:
        self._resource = resource
        self._options = options
        self._source = BulkSource(rows, options.batch_size)
        self._files = BulkFiles(resource, options)
        self._running: deque[BulkBatch] = deque()
        self._reading = False
        """True while the source is asked for rows."""
        self._held: BulkBatch | None = None
        """A batch that waits since it must not be sent beside one under way."""
        self._at_end = False
        self._trouble: BaseException | None = None
        """Error of the source, raised after all results have been yielded."""
        self._unwritable: OSError | None = None
        """Error of the journal or the error file, raised as well; nothing more is sent."""
        self._failed: RowResult[Any] | None = None
        self._stopped = False
        self._outages = 0
        self._written = 0

    async def results(self) -> AsyncGenerator[RowResult[Any], None]:
        """Yield the result of each row, in the order of the rows."""
        try:
            self._files.open(dry_run=_is_dry_run(self._resource))
            # At most one piece of news from each batch under way, and one from the source.
            send, receive = create_memory_object_stream[_News](self._options.concurrency + 1)
            with send, receive:
                async with OpenGroup() as group:
                    self._group, self._tell = group, send.send_nowait
                    self._source.start(group, self._tell)
                    try:
                        while self._read_on():
                            await self._hear(await receive.receive())
                            while self._running and self._running[0].done:
                                for result in await self._finished():
                                    yield result
                        self._check_end()
                    except GeneratorExit:
                        self._let_finish()
                        raise
                    finally:
                        self._stopped = True
                        self._source.stop()
        finally:
            self._files.close()

    # Reading and starting ---------------------------------------------------------------------

    def _read_on(self) -> bool:
        """Start what can be started; return whether there is anything to wait for."""
        self._start_held()
        if self._stopped and self._reading:
            self._source.stop()  # the next row may never arrive
            self._reading = False
        full = len(self._running) >= self._options.concurrency or self._held is not None
        if not (self._reading or self._at_end or self._stopped or full):
            self._source.ask()
            self._reading = True
        return self._reading or bool(self._running)

    async def _hear(self, news: _News) -> None:
        """Take note of a batch that was read, or of one that is done."""
        if isinstance(news, BulkBatch):
            news.done = True
        elif self._reading:
            self._reading = False
            if isinstance(news, BaseException):
                raise news
            await self._take_rows(news)

    async def _take_rows(self, rows: list[BulkRow]) -> None:
        if len(rows) < self._options.batch_size:
            self._at_end, self._trouble = True, self._source.trouble
        if not rows or self._stopped:
            return
        turn = TurnBudget()
        for number, row in enumerate(rows):
            await turn.spend()
            checked(self._resource, row)
            try:
                self._files.recall(row)
            except SettingsError as error:
                self._trouble, self._at_end = error, True
                rows = rows[:number]
                break
        self._held = BulkBatch(self._resource, rows, self._files.journal)
        self._start_held()

    def _start_held(self) -> None:
        held = self._held
        if held is None or any(self._must_wait(held, batch) for batch in self._running):
            return
        self._held = None
        if not self._stopped:
            self._running.append(held)
            self._group.start_soon(self._write_batch, held)

    def _must_wait(self, held: BulkBatch, batch: BulkBatch) -> bool:
        """Return whether two batches must not be sent concurrently: a common id, or both create rows."""
        side_by_side = self._options.parallel_creates or not (held.creates and batch.creates)
        return not batch.done and (bool(held.keys & batch.keys) or not side_by_side)

    async def _write_batch(self, batch: BulkBatch) -> None:
        try:
            with batch.scope:
                await batch.write()
        except OSError as error:
            self._give_up(error)
        except (Exception, asyncio.CancelledError) as error:
            batch.failure = error
        self._look_at(batch)
        self._tell(batch)

    # Ending -----------------------------------------------------------------------------------

    def _give_up(self, error: OSError) -> None:
        """Send nothing more: a file cannot be written. Results are given out all the same."""
        self._unwritable, self._stopped = self._unwritable or error, True
        for batch in self._running:
            batch.closing = True

    def _look_at(self, batch: BulkBatch) -> None:
        """Decide whether to continue after this batch; called when it is done, in any order."""
        results = [row.result for row in batch.rows if row.result is not None and not row.result.earlier]
        self._written += sum(result.outcome == "written" for result in results)
        failed = next((result for result in results if not result.ok), None)
        if batch.error is not None and is_outage(batch.error) and not any(result.ok for result in results):
            self._outages += 1
        elif results:
            self._outages = 0
        hopeless = batch.error is not None and outcome_for_all(batch.error)
        if failed is None:
            return
        if self._options.on_error == "stop" or hopeless or self._outages >= OUTAGE:
            if self._failed is None or failed.index < self._failed.index:
                self._failed = failed
            self._stopped = True

    async def _finished(self) -> list[RowResult[Any]]:
        """Return the results of the first batch in flight, which is done."""
        batch = self._running.popleft()
        if batch.failure is not None:
            raise batch.failure
        try:
            await self._files.finished(batch.rows)
        except OSError as error:
            self._give_up(error)
        return [row.result for row in batch.rows if row.result is not None]

    def _check_end(self) -> None:
        """Raise if the write is incomplete, after all results have been yielded.

        :raises OSError: the journal or the error file cannot be written.
        :raises BulkWriteError: it was stopped.
        """
        if self._unwritable is not None:
            raise self._unwritable
        if self._failed is not None:
            failed = self._failed
            raise BulkWriteError(
                f"Row {failed.index} was not written, and nothing after the batches in progress was sent. "
                f"{self._written:,} rows were written. {failed.error}",
                index=failed.index,
                written=self._written,
            ) from failed.error
        if self._trouble is not None:
            raise self._trouble
        self._files.check_all_came()

    def _let_finish(self) -> None:
        """Cancel what is under way, but for requests that await a response: those complete."""
        for batch in self._running:
            batch.closing = True
            if not batch.sending:
                batch.scope.cancel()


def _is_dry_run(resource: Any) -> bool:
    dry_run = getattr(resource.sender, "dry_run", None)
    return dry_run is not None and bool(dry_run.active)
