"""One resource's export: rows out of its source, into its sink, counted."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from halo_async.client import Halo
from halo_async.declaration import Operation
from halo_async.errors import HaloError, IncompleteError, PaginationError
from halo_async.export.names import resource_name
from halo_async.export.progress import OnProgress, Progress, State
from halo_async.export.report import ResourceReport
from halo_async.export.sinks import Sink
from halo_async.export.sinks.jsonl import JsonlSink
from halo_async.export.source import Source
from halo_async.export.tally import Tally


class Job:
    """Runs once. Whatever goes wrong is kept for the report, so that other resources go on."""

    def __init__(
        self, operation: Operation, halo: Halo, folder: Path, on_progress: OnProgress | None
    ) -> None:
        self._operation = operation
        self._name = resource_name(operation)
        self._halo = halo
        self._folder = folder
        self._on_progress = on_progress
        self._source = Source(operation, halo._transport)
        self._tally = Tally()
        self._sink: Sink | None = None
        self._state = State.WAITING
        self._error: Exception | None = None
        self._began = self._ended = time.monotonic()

    async def run(self) -> None:
        """Export the resource. Only cancellation, and faults of our own, are raised."""
        self._began = time.monotonic()
        self._state = State.RUNNING
        self._tell()
        try:
            await self._transfer()
        except asyncio.CancelledError:
            self._end(State.INTERRUPTED)
            raise
        except PaginationError as error:
            self._end(State.INCOMPLETE, error)
        except (HaloError, OSError) as error:
            self._end(State.FAILED, error)
        else:
            self._end(State.DONE)

    async def _transfer(self) -> None:
        sink = self._sink = JsonlSink(self._folder, self._name)
        async for rows in self._source.rows():
            sink.write(self._tally.new(rows))
            self._tell()
        self._check()
        sink.finish()

    def _check(self) -> None:
        error = self._source.missing()
        if error is not None:
            raise error
        # As many rows as were announced came, but some came twice: so others did not come at all.
        total, rows = self._source.total, self._tally.rows
        if self._tally.repeats and total is not None and rows < total:
            raise IncompleteError(
                f"{rows:,} different rows of {total:,} came: the list moved while it was read, export it again"
            )

    def _end(self, state: State, error: Exception | None = None) -> None:
        if state is not State.DONE and self._sink is not None:
            self._sink.abandon()
        self._state, self._error, self._ended = state, error, time.monotonic()
        self._tell()

    def _seconds(self) -> float:
        return (self._ended if self._state.over else time.monotonic()) - self._began

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self.progress())

    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            resource=self._name,
            state=self._state,
            rows=self._tally.rows,
            total=self._source.total,
            requests=self._source.requests,
            bytes=self._source.bytes,
            seconds=self._seconds(),
            remaining=self._halo.statistics().remaining,
        )

    def report(self) -> ResourceReport:
        """What came of it."""
        source, tally = self._source, self._tally
        return ResourceReport(
            resource=self._name,
            path=self._operation.path,
            file="" if self._sink is None else self._sink.name,
            state=self._state if self._state.over else State.INTERRUPTED,
            rows=tally.rows,
            distinct_ids=tally.distinct_ids,
            duplicates_removed=tally.repeats,
            record_count=source.total,
            requests=source.requests,
            retries=source.retries,
            answers_429=source.answers_429,
            bytes=source.bytes,
            seconds=round(self._seconds(), 3),
            consistency=source.consistency,
            ids_ascending=tally.ascending if source.ordered else None,
            error=None if self._error is None else _sentence(self._error),
            error_type=None if self._error is None else type(self._error).__name__,
        )


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be written: {(error.strerror or type(error).__name__).lower()}"
    return " ".join(str(error).split())
