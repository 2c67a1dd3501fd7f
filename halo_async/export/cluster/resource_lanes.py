"""One list on a cluster: its lanes become tasks, and the driver takes one complete record of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import anyio

from halo_async._utils.fast_zlib import fast_zlib
from halo_async._utils.task_groups import run_all
from halo_async._utils.threads import run_in_thread
from halo_async.errors import IncompleteError
from halo_async.export.cluster.export_cluster import ExportCluster
from halo_async.export.cluster.lane_record import ASIDE, LaneRecord, by_lane, furthest
from halo_async.export.cluster.lane_task import LaneBatch, LaneStart
from halo_async.export.fetch import PageFetcher, RequestCounts
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resource_name
from halo_async.export.options import surface_hash
from halo_async.export.plan import ExportPlan, OrderLostError
from halo_async.export.protocols import ListResult

TRIES = 3
"""Tasks for a lane whose parts turn out to be damaged."""
WAVES = 4
"""Lanes for each request that is in flight at a time, at most: no worker waits long for the last one."""
EVERY = 1.0
"""Seconds between two reports of progress."""


class DamagedPartError(Exception):
    """A part is not there any more, or not what its record says."""


class ResourceLanes:
    """Lanes of one list, read by workers."""

    def __init__(
        self,
        cluster: ExportCluster,
        fetcher: PageFetcher,
        codec: str,
        tell: Callable[[], None],
        at_once: int,
    ) -> None:
        """`at_once`: requests in flight of one task."""
        self._cluster = cluster
        self._fetcher = fetcher
        self._name = resource_name(fetcher.operation)
        self._codec = codec
        self._tell = tell
        self._at_once = at_once
        self._live: dict[int, list[int]] = {}
        self._open: set[int] = set()
        """Lanes that are read at the moment."""
        self._turn = anyio.Lock()

    def lanes_for(self, most: int) -> int:
        """See `LanesElsewhere.lanes_for`: as many as end together, if there are that many."""
        if self._cluster.connection is None:
            return 0
        at_a_time = self._cluster.connection.slots * self._at_once
        return at_a_time * min(WAVES, most // at_a_time) or most

    @property
    def live(self) -> tuple[int, RequestCounts]:
        """Return the rows and requests of lanes that are not taken yet."""
        rows, counts = 0, [0, 0, 0, 0]
        for lane_rows, *lane_counts in self._live.values():
            rows += lane_rows
            counts = [count + more for count, more in zip(counts, lane_counts, strict=True)]
        return rows, RequestCounts(*counts)

    @property
    def remaining(self) -> int | None:
        """Requests that the workers have left."""
        return self._cluster.remaining

    async def read(
        self,
        ledger: ExportLedger,
        plan: ExportPlan,
        asked_at: str,
        states: dict[int, Any],
        left: Mapping[int, bytes],
    ) -> int:
        """See `LanesElsewhere.read`."""
        folder = self._name_folder(plan, asked_at)
        starts = [
            LaneStart(number, _lane_folder(folder, number, states.get(number)), states.get(number), parents)
            for number, parents in left.items()
        ]
        records = await self._read_records(ledger, plan, asked_at, starts, states)
        return max((record.total for record in records), default=0)

    async def read_list(self, ledger: ExportLedger, plan: ExportPlan, asked_at: str) -> ListResult | None:
        """See `LanesElsewhere.read_list`."""
        start = LaneStart(0, _lane_folder(self._name_folder(plan, asked_at), 0, None))
        records = await self._read_records(ledger, plan, asked_at, [start], None)
        return ListResult.from_json(records[0].extra) if records else None

    async def _read_records(
        self,
        ledger: ExportLedger,
        plan: ExportPlan,
        asked_at: str,
        starts: Sequence[LaneStart],
        states: dict[int, Any] | None,
    ) -> list[LaneRecord]:
        """:param states: get the states of lanes; None for a list that is read as a whole."""
        taken: list[LaneRecord] = []
        left = {start.number: start for start in starts}

        async def take(number: int, record: LaneRecord) -> None:
            async with self._turn:
                if number in left and await self._take_lane(ledger, left[number], record, states):
                    taken.append(record)
                    del left[number]

        self._open = set(left)
        self._cluster.listeners[self._name] = self._hear
        try:
            for number, record in (await run_in_thread(self._committed, plan, asked_at, starts)).items():
                await take(number, record)
            if self._cluster.connection is not None and left:
                await self._with_progress(self._read_batches(plan, asked_at, left, take))
        finally:
            del self._cluster.listeners[self._name]
            self._live.clear()
        return taken

    async def _read_batches(
        self,
        plan: ExportPlan,
        asked_at: str,
        left: Mapping[int, LaneStart],
        take: Callable[[int, LaneRecord], Any],
    ) -> None:
        async def read(starts: Sequence[LaneStart]) -> None:
            for _ in range(TRIES):
                starts = [start for start in starts if start.number in left]
                if not starts:
                    return
                outcome = await self._cluster.run(self._build_batch(plan, asked_at, starts))
                for number, record in outcome.records.items():
                    await take(number, record)
                if outcome.order_lost is not None:
                    raise OrderLostError(outcome.order_lost)
                if outcome.error is not None:
                    raise outcome.error
            raise IncompleteError(
                f"Parts of {self._name} are damaged or missing at {self._cluster.address} each time they are written. "
                "Give another staging address and another folder."
            )

        await run_all(read(starts) for starts in self._batches(list(left.values())))

    def _batches(self, starts: Sequence[LaneStart]) -> Iterable[Sequence[LaneStart]]:
        """Yield the lanes of each task: as many as it reads at once, fewer where workers would have none."""
        assert self._cluster.connection is not None
        size = max(1, min(self._at_once, -(-len(starts) // self._cluster.connection.slots)))
        for at in range(0, len(starts), size):
            yield starts[at : at + size]

    def _build_batch(self, plan: ExportPlan, asked_at: str, starts: Sequence[LaneStart]) -> LaneBatch:
        cluster = self._cluster
        assert cluster.worker is not None
        return LaneBatch(
            key=f"halo-export-{self._name}-{starts[0].number}-{uuid4().hex[:12]}",
            topic=cluster.topic,
            resource=self._name,
            surface=surface_hash([self._fetcher.operation]),
            client=cluster.worker,
            address=cluster.address,
            filters=self._fetcher.filters,
            columns=self._fetcher.columns,
            codec=self._codec,
            plan=plan,
            lanes=tuple(starts),
            asked_at=asked_at,
            at_once=self._at_once,
        )

    # Taking ---------------------------------------------------------------------------------------

    def _committed(
        self, plan: ExportPlan, asked_at: str, starts: Sequence[LaneStart]
    ) -> dict[int, LaneRecord]:
        """Return the complete records that earlier tasks left."""
        folder = self._name_folder(plan, asked_at)
        names = by_lane(f"{folder}/{name}" for name in self._cluster.area.names(folder))
        found = {}
        for start in starts:
            records = (
                LaneRecord.parse(self._cluster.area.read(name)) for name in names.get(start.folder, ())
            )
            record = furthest(records)
            if record is not None and record.complete:
                found[start.number] = record
        return found

    async def _take_lane(
        self, ledger: ExportLedger, start: LaneStart, record: LaneRecord, states: dict[int, Any] | None
    ) -> bool:
        """Put the rows of a lane into the driver's file; return whether they were all there."""
        counts = self._fetcher.counts
        counts.add(record.counts)
        self._fetcher.shown.expect(record.extra.get(ASIDE, ()))
        self._live.pop(start.number, None)
        self._open.discard(start.number)
        parts = self._read_parts(start, record)
        try:
            if states is None:
                result = ListResult.from_json(record.extra)
                await ledger.take_whole(result.plan, result.asked_at, parts, record.rows, result.repeats)
            else:
                await ledger.take(start.number, record.state, parts, record.rows, record.repeats)
                states[start.number] = record.state
        except DamagedPartError:
            counts.add(record.counts, -1)
            self._open.add(start.number)
            await run_in_thread(self._cluster.area.remove, start.folder)
            return False
        return True

    async def _read_parts(self, start: LaneStart, record: LaneRecord) -> AsyncIterator[bytes]:
        for part in record.parts:
            try:
                data = await run_in_thread(self._cluster.area.read, f"{start.folder}/{part.name}")
            except FileNotFoundError:
                raise DamagedPartError from None
            if len(data) != part.size or fast_zlib().crc32(data) != part.crc:
                raise DamagedPartError
            yield data

    # Progress -------------------------------------------------------------------------------------

    def _hear(self, message: Mapping[str, Any]) -> None:
        for lane, figures in message["lanes"].items():
            if int(lane) in self._open:
                self._live[int(lane)] = list(figures)

    async def _with_progress(self, work: Any) -> None:
        """Do the work, and report progress meanwhile."""
        over = anyio.Event()

        async def report() -> None:
            while not over.is_set():
                with anyio.move_on_after(EVERY):
                    await over.wait()
                self._tell()

        async def run() -> None:
            try:
                await work
            finally:
                over.set()

        await run_all([run(), report(), self._cluster.watch_workers(over)])

    def _name_folder(self, plan: ExportPlan, asked_at: str) -> str:
        """Return the folder of one reading of the list: another plan has another one."""
        text = json.dumps(
            [plan.as_json(), asked_at, self._codec, self._fetcher.filters, self._fetcher.columns]
        )
        return f"{self._name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _lane_folder(folder: str, number: int, state: Any) -> str:
    """Return the folder of a lane from a state on: what was read from another state is of no use."""
    begin = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:8]
    return f"{folder}/lane-{number:05d}-{begin}"
