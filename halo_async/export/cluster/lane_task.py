"""The task of a worker: some lanes of a list, read at once.

A coroutine holds one thread slot of its worker for all its life, so a task reads several lanes at once; many tasks
would wait for each other. Cancelling its future does not reach a coroutine that runs: the worker's own record of the
task says that nobody wants it any more, also when the driver died. It is looked at all the time.
"""

from __future__ import annotations

import tempfile
import time
from array import array
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.background import complete, start, stop, wait_for_first
from halo_async._utils.task_groups import run_all
from halo_async._utils.threads import run_in_thread
from halo_async.errors import HaloError, SettingsError
from halo_async.export import children, keyset
from halo_async.export.children import CHILDREN
from halo_async.export.cluster.lane_record import LaneRecord
from halo_async.export.cluster.part_writer import PART, PartWriter
from halo_async.export.cluster.staging import StagingArea, open_area
from halo_async.export.cluster.worker_host import DaskHost, Host
from halo_async.export.cluster.worker_login import WorkerClient
from halo_async.export.cluster.worker_transport import borrowed
from halo_async.export.fetch import PageFetcher, RequestCounts
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resolve_names
from halo_async.export.options import surface_hash
from halo_async.export.own_rows import none_of_others
from halo_async.export.plan import ExportMode, ExportPlan, OrderLostError
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.export.shown_rows import ShownRows
from halo_async.export.spool import Spool, codec
from halo_async.transport.transport import Transport

LANED = (ExportMode.KEYSET, ExportMode.CHILDREN)
"""Modes whose lanes need nothing of each other."""
WATCH, TELL = 0.5, 1.0
"""Seconds between two looks at whether the task is still wanted, and between two events of progress."""
DRIVER = "driver"
"""File that the driver leaves at the address of the parts: a worker that does not find it is somewhere else."""


@attrs.frozen
class LaneStart:
    """One lane, from where the driver has it."""

    number: int
    folder: str
    """Of its parts, below the address."""
    state: Any = None
    parents: bytes = attrs.field(default=b"", repr=False)
    """Of children: the ids of its parents from that state on, 8 bytes each."""


@attrs.frozen
class LaneBatch:
    """Lanes of one list that one task reads, with all that a worker has to know."""

    key: str
    """Of the task."""
    topic: str
    """Of the events that tell the progress."""
    resource: str
    surface: str
    """Hash of the operation in the driver's release."""
    client: WorkerClient
    address: str
    """Of the parts."""
    filters: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    codec: str
    plan: ExportPlan
    lanes: tuple[LaneStart, ...]
    asked_at: str = ""
    at_once: int = 1


@attrs.frozen
class BatchOutcome:
    """Result of a task."""

    records: dict[int, LaneRecord] = attrs.field(factory=dict)
    """By lane: the complete ones."""
    order_lost: str | None = None
    """The condition of the plan that a response violates."""
    error: Exception | None = None
    """The error that ended it; the parts that were written stay."""


async def read_lanes(batch: LaneBatch, host: Host | None = None) -> BatchOutcome:
    """Read lanes to their ends, or until nobody wants them.

    :param host: the worker; None for the one that runs this.
    """
    return await _LaneTask(batch, DaskHost(batch.key, batch.topic) if host is None else host).run()


class _LaneTask:
    def __init__(self, batch: LaneBatch, host: Host) -> None:
        self._batch = batch
        self._host = host
        self._records: dict[int, LaneRecord] = {}
        self._shown: dict[int, list[int]] = {}
        self._told = time.monotonic()
        self._transport: Transport | None = None

    async def run(self) -> BatchOutcome:
        try:
            area = open_area(self._batch.address)
            await run_in_thread(_check_reachable, area, self._batch.address)
            async with borrowed(self._batch.client) as transport:
                self._transport = transport
                await self._while_wanted(area, transport)
        except OrderLostError as lost:
            return BatchOutcome(self._records, order_lost=str(lost))
        except (HaloError, OSError) as error:
            return BatchOutcome(self._records, error=error.with_traceback(None))
        return BatchOutcome(self._records)

    async def _while_wanted(self, area: StagingArea, transport: Transport) -> None:
        reading = start(self._read_lanes(area, transport))
        try:
            while not reading.done():
                await wait_for_first(reading, seconds=WATCH)
                if not self._host.is_wanted():
                    break
        finally:
            if not reading.done():
                await stop(reading)
        if not reading.cancelled():
            reading.result()

    async def _read_lanes(self, area: StagingArea, transport: Transport) -> None:
        if self._batch.plan.mode in LANED:
            await run_all(self._read_lane(area, transport, lane) for lane in self._batch.lanes)
        else:
            await self._read_list(area, transport, self._batch.lanes[0])

    async def _read_lane(self, area: StagingArea, transport: Transport, lane: LaneStart) -> None:
        counts = RequestCounts()
        fetcher = self._fetcher(transport, counts)
        writer = self._writer(area, lane, counts, fetcher.shown)
        await writer.open()
        if not writer.record.complete:
            try:
                total = await self._read_rows(lane, fetcher, writer)
            except BaseException:
                with suppress(OSError):
                    await complete(writer.flush())
                raise
            await writer.finish(total)
        self._records[lane.number] = writer.record

    async def _read_rows(self, lane: LaneStart, fetcher: PageFetcher, writer: PartWriter) -> int:
        """Return the most rows that the list was said to have."""
        plan = self._batch.plan
        state = lane.state if writer.record.state is None else writer.record.state
        if plan.mode is ExportMode.KEYSET:
            reader = keyset.LaneReader(fetcher, writer, plan, lane.number, state)
            await reader.run()
            return reader.total
        parents = array("q")
        parents.frombytes(lane.parents)
        first = lane.number if lane.state is None else lane.state
        rest = children.ParentLane(lane.number, parents, first, plan.length)
        child, twice = CHILDREN[self._batch.resource], plan.total is None
        own = none_of_others(child.key, named=False)  # the parents of other lanes are not known here
        await children.read_lane(fetcher, writer, child, rest.after(state), twice=twice, own=own)
        return 0

    async def _read_list(self, area: StagingArea, transport: Transport, lane: LaneStart) -> None:
        """Read a list that has no lanes to share as one process does, into a file whose bytes are the parts."""
        batch, counts = self._batch, RequestCounts()
        writer = self._writer(area, lane, counts, ShownRows())
        await writer.open()
        if not writer.record.complete:
            past = PastExport(plan=batch.plan, asked_at=batch.asked_at)
            fetcher = self._fetcher(transport, counts)
            reader = ResourceReader(fetcher, past, concurrency=batch.at_once, exact=False)
            with tempfile.TemporaryDirectory(prefix="halo-export-") as folder:
                spool = Spool(Path(folder) / "rows", codec(batch.codec))

                def tell() -> None:
                    self._tell_host(lane.number, ledger.rows, counts)

                syncer = JournalSyncer(None, 0)
                ledger = ExportLedger(batch.resource, syncer, spool, counts, tell, past)
                try:
                    await reader.run(ledger)
                    await _write_file(writer, spool.path, ledger.rows)
                finally:
                    ledger.close()
            await writer.finish(**_result_of(reader, ledger))
        self._records[lane.number] = writer.record

    def _fetcher(self, transport: Transport, counts: RequestCounts) -> PageFetcher:
        batch = self._batch
        operation = resolve_names([batch.resource])[-1]
        if surface_hash([operation]) != batch.surface:
            raise SettingsError(
                "A worker has another release of halo-async than the driver. Install the same."
            )
        return PageFetcher(
            operation,
            transport,
            batch.filters,
            counts,
            measurements=batch.client.measurements,
            columns=batch.columns,
        )

    def _writer(
        self, area: StagingArea, lane: LaneStart, counts: RequestCounts, shown: ShownRows
    ) -> PartWriter:
        def tell() -> None:
            self._tell_host(lane.number, writer.record.rows, counts)

        writer = PartWriter(area, lane.folder, codec(self._batch.codec), counts, tell, shown)
        return writer

    def _tell_host(self, lane: int, rows: int, counts: RequestCounts) -> None:
        self._shown[lane] = [rows, *counts.as_list()]
        if self._transport is None or time.monotonic() - self._told < TELL:
            return
        self._told = time.monotonic()
        shown = {str(lane): figures for lane, figures in self._shown.items()}
        remaining = self._transport.statistics().remaining
        self._host.send({"resource": self._batch.resource, "lanes": shown, "remaining": remaining})


def _check_reachable(area: StagingArea, address: str) -> None:
    """Check that this is where the driver is, too.

    :raises SettingsError: a worker on another machine has a folder of the same name.
    """
    try:
        area.read(DRIVER)
    except OSError:
        raise SettingsError(
            f"A worker cannot reach {address}, where the driver is. Give staging an address that all of them reach, "
            "such as s3://bucket/folder."
        ) from None


async def _write_file(writer: PartWriter, path: Path, rows: int) -> None:
    """Write the bytes of a file as parts; the rows count with the first."""
    with path.open("rb") as file:
        while data := await run_in_thread(file.read, PART):
            await writer.add_packed(data, rows)
            rows = 0


def _result_of(reader: ResourceReader, ledger: ExportLedger) -> dict[str, Any]:
    assert reader.plan is not None
    tally = reader.tally
    return {
        "plan": reader.plan.as_json(),
        "asked_at": reader.asked_at,
        "warnings": list(reader.warnings),
        "repeats": ledger.repeats,
        "tally": None if tally is None else [tally.distinct_ids, tally.ascending, tally.versions],
    }
