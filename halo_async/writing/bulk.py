"""Bulk writes: a few batches in flight at once, a result for every row, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any

from halo_async.errors import BulkWriteError, SettingsError
from halo_async.writing.batch import BulkBatch, checked
from halo_async.writing.files import BulkFiles
from halo_async.writing.options import BulkOptions
from halo_async.writing.outcome import is_outage, outcome_for_all
from halo_async.writing.result import RowResult
from halo_async.writing.rows import BulkRow
from halo_async.writing.source import RowSource

OUTAGE = 3
"""Consecutive batches without a response after which the bulk write stops."""


def bulk_write(
    resource: Any, rows: Iterable[Any] | AsyncIterable[Any], **options: Any
) -> AsyncGenerator[RowResult[Any], None]:
    """See `Writable.bulk_upsert`. Invalid options raise here, before the first row is read."""
    return BulkWriter(resource, rows, BulkOptions(**options)).results()


class BulkWriter:
    """One bulk write, used once."""

    def __init__(self, resource: Any, rows: Iterable[Any] | AsyncIterable[Any], options: BulkOptions) -> None:
        self._resource = resource
        self._options = options
        self._source = RowSource(rows, options.batch_size)
        self._files = BulkFiles(resource, options)
        self._running: deque[tuple[BulkBatch, asyncio.Task[None]]] = deque()
        self._held: BulkBatch | None = None
        """A batch that waits since it must not be sent beside one under way."""
        self._at_end = False
        self._trouble: BaseException | None = None
        """Error of the source, raised after all results have been yielded."""
        self._unwritable: OSError | None = None
        """Error of the journal, raised as well; nothing more is sent."""
        self._failed: RowResult[Any] | None = None
        self._stopped = False
        self._unanswered = 0
        self._written = 0

    async def results(self) -> AsyncGenerator[RowResult[Any], None]:
        """Yield the result of each row, in the order of the rows."""
        reading: asyncio.Future[list[BulkRow]] | None = None
        at_once = True
        try:
            self._files.open(dry_run=_is_dry_run(self._resource))
            while True:
                reading = self._read_on(reading)
                if reading is None and not self._running:
                    break
                await self._something(reading)
                if reading is not None and reading.done():
                    self._take(reading)
                    reading = None
                while self._running and self._running[0][1].done():
                    for result in await self._finished():
                        yield result
            self._end()
        except GeneratorExit:
            at_once = False  # no more results are wanted, but requests in flight may complete
            raise
        finally:
            await self._clear(reading, at_once=at_once)

    # Reading and starting ---------------------------------------------------------------------

    def _read_on(self, reading: asyncio.Future[list[BulkRow]] | None) -> asyncio.Future[list[BulkRow]] | None:
        self._start_held()
        if reading is not None and self._stopped:
            reading.cancel()  # the next row may never arrive
            return None
        if reading is not None:
            return reading
        full = len(self._running) >= self._options.concurrency or self._held is not None
        if self._at_end or self._stopped or full:
            return None
        return self._source.read()

    async def _something(self, reading: asyncio.Future[list[BulkRow]] | None) -> None:
        """Wait until a batch was read, or the first one in flight is done."""
        waiting: set[asyncio.Future[Any]] = {reading} if reading is not None else set()
        if self._running:
            waiting.add(self._running[0][1])
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    def _take(self, reading: asyncio.Future[list[BulkRow]]) -> None:
        rows = reading.result()
        if len(rows) < self._options.batch_size:
            self._at_end, self._trouble = True, self._source.trouble
        if not rows or self._stopped:
            return
        for row in rows:
            checked(self._resource, row)
            try:
                self._files.recall(row)
            except SettingsError as error:
                self._trouble, self._at_end = error, True
                rows = rows[: rows.index(row)]
                break
        self._held = BulkBatch(self._resource, rows, self._files.journal)
        self._start_held()

    def _start_held(self) -> None:
        held = self._held
        if held is None or any(self._must_wait(held, batch, task) for batch, task in self._running):
            return
        self._held = None
        if not self._stopped:
            self._running.append((held, asyncio.ensure_future(self._write(held))))

    def _must_wait(self, held: BulkBatch, batch: BulkBatch, task: asyncio.Task[None]) -> bool:
        """Return whether two batches must not be sent concurrently: a common id, or both create rows."""
        side_by_side = self._options.parallel_creates or not (held.creates and batch.creates)
        return not task.done() and (bool(held.keys & batch.keys) or not side_by_side)

    async def _write(self, batch: BulkBatch) -> None:
        try:
            await batch.write()
        except OSError as error:
            self._unwritable, self._stopped = self._unwritable or error, True
            for other, _ in self._running:
                other.closing = True
        self._look_at(batch)

    # Ending -----------------------------------------------------------------------------------

    def _look_at(self, batch: BulkBatch) -> None:
        """Decide whether to continue after this batch; called when it is done, in any order."""
        results = [row.result for row in batch.rows if row.result is not None and not row.result.earlier]
        self._written += sum(result.outcome == "written" for result in results)
        failed = next((result for result in results if not result.ok), None)
        if batch.error is not None and is_outage(batch.error) and not any(result.ok for result in results):
            self._unanswered += 1
        elif results:
            self._unanswered = 0
        hopeless = batch.error is not None and outcome_for_all(batch.error)
        if failed is None:
            return
        if self._options.on_error == "stop" or hopeless or self._unanswered >= OUTAGE:
            if self._failed is None or failed.index < self._failed.index:
                self._failed = failed
            self._stopped = True

    async def _finished(self) -> list[RowResult[Any]]:
        """Return the results of the first batch in flight, which is done."""
        batch, task = self._running.popleft()
        task.result()
        await self._files.finished(batch.rows)
        return [row.result for row in batch.rows if row.result is not None]

    def _end(self) -> None:
        """Raise if the write is incomplete, after all results have been yielded.

        :raises OSError: the journal cannot be written.
        :raises BulkWriteError: it was stopped.
        """
        if self._unwritable is not None:
            raise self._unwritable
        if self._failed is not None:
            failed = self._failed
            raise BulkWriteError(
                f"row {failed.index} was not written, and nothing after the batches then under way was sent; "
                f"{self._written:,} rows were written: {failed.error}",
                index=failed.index,
                written=self._written,
            ) from failed.error
        if self._trouble is not None:
            raise self._trouble
        self._files.check_all_came()

    async def _clear(self, reading: asyncio.Future[list[BulkRow]] | None, *, at_once: bool) -> None:
        """Stop everything in flight. Requests awaiting a response are completed, unless `at_once`."""
        self._stopped = True
        tasks: list[asyncio.Task[Any]] = [task for _, task in self._running]
        for batch, task in self._running:
            batch.closing = True
            if at_once or not batch.sending:
                task.cancel()
        if reading is not None:
            reading.cancel()
        try:
            await _gone([*tasks, *self._source.stop()])
        finally:
            self._files.close()


async def _gone(tasks: list[asyncio.Task[Any]]) -> None:
    """Wait until all are done. If cancelled meanwhile, even repeatedly, cancel them too, and still wait."""
    cancelled: asyncio.CancelledError | None = None
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
            for task in pending:
                task.cancel()
    for task in tasks:
        if not task.cancelled():
            task.exception()  # retrieved: asyncio would log it otherwise
    if cancelled is not None:
        raise cancelled


def _is_dry_run(resource: Any) -> bool:
    dry_run = getattr(resource.sender, "dry_run", None)
    return dry_run is not None and bool(dry_run.active)
